"""`allOf`: the parts that form a class. Each field is in one part, and required if any part requires it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from flowgen.backends.python.accepted_values import asserts_object
from flowgen.backends.python.modules import target_of
from flowgen.backends.python.schema_forms import NOTES

Schema = dict[str, Any]

_STRUCTURE = frozenset({"$ref", "properties", "required", "anyOf", "oneOf", "enum", "const"})

UNEVALUATED = frozenset({"unevaluatedItems", "unevaluatedProperties"})
_GROUPS = (
    frozenset({"if", "then", "else"}),
    frozenset({"items", "prefixItems"}),
    frozenset({"contains", "minContains", "maxContains"}),
    frozenset({"additionalProperties", "patternProperties"}),
)
"""Keywords that affect each other."""

_NARROWER: Mapping[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum"), max),
    **dict.fromkeys(("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum"), min),
}
"""How to combine two bounds: the result is the narrower one."""


def parts_of(schema: Schema, known: Mapping[str, Schema], classes: Collection[str]) -> list[Any]:
    """The parts of a schema with `allOf`. `known` are all types by name, `classes` the user's own classes."""
    waiting, seen = list(flat(schema)), set[str]()
    required = _required(inner for part in waiting for inner in (part, *_all_of(part, known)))
    unlike = _told_differently(inner for part in waiting for inner in (part, *_all_of(part, known)))
    found: list[Any] = []
    while waiting:
        part, target = waiting[0], target_of(waiting.pop(0))
        if target is not None:
            # Nothing inherits from an alias.
            target = _itself(target, known)
            if target in seen:
                continue
            seen.add(target)
            part = {"$ref": f"#/$defs/{target}"}
        # The user's own classes need not be models, so nothing inherits from them. A class also cannot make an
        # inherited optional field required, or change its type: type checkers reject both. So repeat the fields.
        if target is not None and (
            target in classes
            or _is_plain(known.get(target))
            or not asserts_object(part, known)
            or required & _optional(part, known)
            or unlike & fields_of(part, known)
        ):
            waiting = [*flat(known[target]), *waiting]
        elif not _only_requires(part):
            found.append(part)
    if any(fields_of(part, known) for part in found):
        # A class cannot express that one of several fields is required.
        found = [part for part in found if not _is_choice(part, known)]
    described = {name for part in found for name in fields_of(part, known)}
    if required - described:
        found.append({"type": "object", "properties": dict.fromkeys(sorted(required - described), True)})
    whole = of_no_record(found)
    return _as_one(_in_order(found, known), required) if whole is None else [whole]


def _in_order(parts: list[Any], known: Mapping[str, Schema]) -> list[Any]:
    """The same parts with references in one order for all classes: types with the most ancestors first.

    Python cannot linearize the bases of a class (C3) if two of them order their own bases differently.
    """
    types = [part for part in parts if target_of(part) is not None]
    if len(types) < 2:  # noqa: PLR2004 - one is in order
        return parts
    places = {name: place for place, name in enumerate(known)}

    def rank(part: Any) -> tuple[int, int]:
        return (-len({target_of(inner) for inner in _all_of(part, known)}), places.get(target_of(part) or "", 0))

    ordered = iter(sorted(types, key=rank))
    return [part if target_of(part) is None else next(ordered) for part in parts]


def _itself(name: str, known: Mapping[str, Schema]) -> str:
    """The type that an alias stands for; the type itself if it is not an alias."""
    seen = {name}
    while True:
        targets = [target_of(part) for part in flat(known.get(name, {}))]
        target = targets[0] if len(set(targets)) == 1 else None
        if target is None or target in seen:
            return name
        seen.add(target)
        name = target


def _only_requires(part: Any) -> bool:
    return isinstance(part, dict) and "required" in part and part.keys() - NOTES <= {"required", "type"}


def of_no_record(parts: list[Any]) -> Schema | None:
    """One schema for parts that all constrain a value other than an object; None if there is none."""
    if _depend(parts):
        return None
    whole: Schema = {}
    for part in parts:
        if not isinstance(part, dict) or not part.keys().isdisjoint(_STRUCTURE):
            return None
        for key, value in part.items():
            other = whole.setdefault(key, value)
            if other != value:
                if key not in _NARROWER:
                    return None
                whole[key] = _NARROWER[key](other, value)
    return whole


def _depend(parts: list[Any]) -> bool:
    """Whether keywords in different parts would affect each other if they were in one schema."""
    if len(parts) > 1 and any(isinstance(part, dict) and part.keys() & UNEVALUATED for part in parts):
        return True
    return any(sum(isinstance(part, dict) and bool(part.keys() & group) for part in parts) > 1 for group in _GROUPS)


def _told_differently(parts: Iterable[Any]) -> set[str]:
    """The fields whose schemas differ between parts."""
    told: dict[str, Any] = {}
    return {name for part in parts for name, schema in _own(part).items() if told.setdefault(name, schema) != schema}


def _is_plain(schema: Any) -> bool:
    """Whether a schema only constrains values of one JSON type, and is not a record."""
    return isinstance(schema, dict) and "type" in schema and schema.keys().isdisjoint({*_STRUCTURE, "allOf"})


def _is_choice(part: Any, known: Mapping[str, Schema]) -> bool:
    return any(
        isinstance(inner, dict) and not inner.keys().isdisjoint({"anyOf", "oneOf"}) and not _own(inner)
        for inner in (part, *_all_of(part, known))
    )


def _as_one(parts: list[Any], required: Collection[str]) -> list[Any]:
    """The parts, with all inline records merged into one that has each field once.

    The model generator names the fields of each part separately, so that two fields could get the same name.
    """
    told: dict[str, list[Any]] = {}
    for part in parts:
        for name, inner in _own(part).items():
            told.setdefault(name, []).append(inner)
    if not told:
        return parts
    whole: Schema = {"type": "object"}
    for part in parts:
        if _own(part):
            whole = {**part, **whole}
    whole |= {
        "properties": {name: _together(schemas) for name, schemas in told.items()},
        "required": [name for name in told if name in required],
        **_others([part for part in parts if target_of(part) is None]),
    }
    first = next(place for place, part in enumerate(parts) if _own(part))
    return [
        whole if place == first else part for place, part in enumerate(parts) if place == first or not _is_record(part)
    ]


def _is_record(part: Any) -> bool:
    """Whether a part describes fields, or only says that the value is an object."""
    known = {"type", "properties", "required", "additionalProperties"}
    return part is True or bool(_own(part)) or (isinstance(part, dict) and part.keys() - NOTES <= known)


def _others(parts: list[Any]) -> Schema:
    """What the parts together allow for other fields."""
    every = [part.get("additionalProperties", True) for part in parts if isinstance(part, dict)]
    if False in every:
        return {"additionalProperties": False}
    typed = [rest for rest in every if isinstance(rest, dict) and rest.keys() - NOTES]
    return {"additionalProperties": typed[0] if typed else True}


def _together(schemas: list[Any]) -> Any:
    distinct = [schema for index, schema in enumerate(schemas) if schema not in schemas[:index]]
    return distinct[0] if len(distinct) == 1 else {"allOf": distinct}


def flat(schema: Any) -> Iterator[Any]:
    """The parts of a schema, with nested `allOf` flattened."""
    if isinstance(schema, dict) and "allOf" in schema:
        for part in schema["allOf"]:
            yield from flat(part)
        here = {key: value for key, value in schema.items() if key != "allOf" and key not in NOTES}
        if here and here != {"type": "object"}:
            yield here
    else:
        yield schema


def _own(part: Any) -> Schema:
    properties: Schema = part.get("properties", {}) if isinstance(part, dict) else {}
    return properties


def fields_of(part: Any, known: Mapping[str, Schema]) -> set[str]:
    """The fields that a part describes or requires, including those of the types that it refers to."""
    if target_of(part) is None:
        return set(_own(part))
    inside = _all_of(part, known)
    return _required(inside) | _described(inside)


def _optional(part: Any, known: Mapping[str, Schema]) -> set[str]:
    """The optional fields of the types that a part refers to."""
    inside = _all_of(part, known)
    return _described(inside) - _required(inside)


def _all_of(part: Any, known: Mapping[str, Schema]) -> list[Any]:
    """All parts of the types that a part refers to, directly or not; each type once."""
    found: list[Any] = []
    waiting = [target_of(part)]
    seen: set[str] = set()
    while waiting:
        target = waiting.pop()
        if target is not None and target not in seen:
            seen.add(target)
            inside = list(flat(known.get(target, {})))
            found += inside
            waiting += map(target_of, inside)
    return found


def _required(parts: Iterable[Any]) -> set[str]:
    return {name for part in parts if isinstance(part, dict) for name in part.get("required", ())}


def _described(parts: Iterable[Any]) -> set[str]:
    return {name for part in parts for name in _own(part)}
