"""What the Python type of a schema does not express. A validator of the runtime checks it.

A type that expresses its whole schema has no constraints, and costs nothing. `schemas` decides the types; this module
knows which keywords each of them covers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from flowgen.backends.python.accepted_values import asserts_object, resolved
from flowgen.backends.python.all_of import UNEVALUATED, fields_of, flat, of_no_record, parts_of
from flowgen.backends.python.modules import references, target_of
from flowgen.backends.python.patterns import is_simple, translated
from flowgen.backends.python.schema_forms import (
    ASSERTIONS,
    BY_TYPE,
    CHECKED_FORMATS,
    EXTENDS,
    NOTES,
    OBJECT_KEYWORDS,
    OWN_FORMATS,
    PYTHON_FORMATS,
    SCALARS,
    Schema,
    is_large,
    is_record,
    joined,
    types_of,
)
from flowgen.types.schema import json_type

Sources = Mapping[str, Any]

_RECORD = frozenset({"type", "properties", "required", "additionalProperties"})
_SUBSCHEMAS = frozenset(
    {
        *("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"),
        *("unevaluatedItems", "unevaluatedProperties"),
    }
)
_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_NAMED = frozenset({"properties", "dependentSchemas"})


_ALL_KINDS = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})


class UnreadPatternError(Exception):
    """A pattern that no engine can read."""


def leftover(schema: Any, sources: Sources, classes: Collection[str]) -> Schema:
    """The keywords of a schema, as written, that its type does not express."""
    if schema is False:
        return {"not": {}}
    if not isinstance(schema, dict) or EXTENDS in schema:
        return {}
    schema = joined(schema)
    rest = {key: value for key, value in schema.items() if key in ASSERTIONS}
    if "$ref" in schema:
        return {}
    if "enum" in schema or "const" in schema:
        return rest if literal_members(schema, sources) is None else {}
    if "allOf" in schema:
        return _of_all(schema, sources, classes)
    covered = _covered(schema, sources)
    left = {key: value for key, value in rest.items() if key not in covered}
    if "patternProperties" in left:
        left = {"properties": dict.fromkeys(schema.get("properties", {}), True), **left}
        if "additionalProperties" in schema:
            left["additionalProperties"] = schema["additionalProperties"]
    elif is_record(schema) and schema.get("additionalProperties", True) is not False:
        absent = {name: False for name, inner in schema.get("properties", {}).items() if inner is False}
        left |= {"properties": absent} if absent else {}
    if left.keys() & UNEVALUATED:
        # They depend on what all other keywords describe.
        return rest
    return left


def _covered(schema: Schema, sources: Sources) -> set[str]:
    """The keywords that the type of a schema without references expresses."""
    kind = schema.get("type")
    if is_record(schema):
        # Without `type`, the keywords for objects are those of a class that is one option of a union.
        return {*_RECORD} if kind else {*OBJECT_KEYWORDS}
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema and schema.get("type", "object") == "object":
            exact = schema[keyword][:1] != [False] and (keyword == "anyOf" or are_disjoint(schema, sources))
            objects = all(asserts_object(of_parent(option, schema), sources) for option in schema[keyword])
            return {*([keyword] if exact else []), *(["type"] if objects else [])}
    match kind:
        case list():
            return {"type", *(keyword for one in kind for keyword in BY_TYPE.get(one, ()))}
        case "array":
            return {"type", "minItems", "maxItems", *_covered_items(schema)}
        case "object":
            return {"type", *_covered_values(schema)}
        case "string":
            return {"type", *_covered_text(schema)}
        case "number":
            return {"type", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
        case "integer":
            step = {"multipleOf"} if isinstance(schema.get("multipleOf"), int) else set[str]()
            return {"type", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", *step}
        case str():
            return {"type"}
        case _:
            return set()


def _covered_items(schema: Schema) -> set[str]:
    if "prefixItems" in schema:
        return {"prefixItems", "items"} if is_fixed_tuple(schema) else set()
    return set() if schema.get("items") is False else {"items"}


def _covered_values(schema: Schema) -> set[str]:
    if has_pattern_keys(schema):
        return {"additionalProperties", "patternProperties"}
    bounds = {"minProperties", "maxProperties"}
    return bounds if schema.get("patternProperties") else {*bounds, "additionalProperties", "patternProperties"}


def _covered_text(schema: Schema) -> set[str]:
    kind = schema.get("format")
    found = {"format"} if kind in OWN_FORMATS or kind in PYTHON_FORMATS or kind not in CHECKED_FORMATS else set[str]()
    if kind in PYTHON_FORMATS:
        return found
    found |= {"minLength", "maxLength"}
    pattern = translated(schema["pattern"]) if "pattern" in schema else ""
    return found | {"pattern"} if pattern is not None and is_simple(pattern) else found


def is_fixed_tuple(schema: Schema) -> bool:
    """Whether an array has exactly the items in `prefixItems`."""
    size = len(schema.get("prefixItems", ()))
    return (
        size > 0
        and schema.get("items") is False
        and schema.get("minItems", 0) == size
        and schema.get("maxItems", size) >= size
    )


def has_pattern_keys(schema: Schema) -> bool:
    """Whether an object is a map whose keys all match one pattern."""
    patterns = [*schema.get("patternProperties", {})]
    made = translated(patterns[0]) if len(patterns) == 1 and schema.get("additionalProperties") is False else None
    return made is not None and is_simple(made)


def literal_members(schema: Schema, sources: Sources) -> list[Any] | None:
    """The members of an enumeration that becomes a `Literal`, None for other enumerations.

    Members that the other keywords of the schema forbid are left out.
    """
    members = schema.get("enum", [schema.get("const")])
    if not all(isinstance(member, SCALARS) and not is_large(member) for member in members):
        return None
    rest = {key: value for key, value in schema.items() if key in ASSERTIONS and key not in ("enum", "const")}
    if "enum" in schema and "const" in schema:
        rest["const"] = schema["const"]
    if rest.keys() == {"type"}:
        types = set(types_of(schema))
        members = [one for one in members if json_type(one) in types or (_is_whole(one) and "integer" in types)]
    elif rest:
        constraints = _without_slow_patterns(rest, sources)
        if constraints is None:
            return None
        # Imported late, because it imports pydantic.
        from flowgen.backends.python.static_checks import valid_values

        members = valid_values(constraints, members)
    return members or None


def default_problem(schema: Any, default: Any, sources: Sources) -> str | None:
    """Why a default is not valid; None if it is, or if only a slow check could tell."""
    constraints = _without_slow_patterns({"allOf": [schema]}, sources)
    if constraints is None:
        return None
    # Imported late, because it imports pydantic.
    from flowgen.backends.python.static_checks import problem_of

    return problem_of(constraints, default)


def _without_slow_patterns(schema: Schema, sources: Sources) -> Schema | None:
    """Constraints to check during `generate`; None if they have patterns that may take exponential time."""
    try:
        constraints = document(schema, sources)
    except UnreadPatternError:
        return None
    waiting: list[Any] = [constraints]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            named = part.get("patternProperties", {})
            patterns = [part.get("pattern"), *(named if isinstance(named, dict) else ())]
            if not all(is_simple(one) for one in patterns if isinstance(one, str)):
                return None
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return constraints


def of_parent(option: Any, parent: Schema) -> Any:
    """An option of a union, which has the type of the schema around it."""
    if isinstance(option, dict) and "type" in parent and "type" not in option and is_record(option):
        return {"type": parent["type"], **option}
    return option


def are_disjoint(schema: Schema, sources: Sources) -> bool:
    """Whether no value can match two options of `oneOf`, or a tag selects the only option that counts (OpenAPI)."""
    if schema.get("discriminator", {}).get("mapping") and all(asserts_object(one, sources) for one in schema["oneOf"]):
        return True
    options = [resolved(of_parent(option, schema), sources) for option in schema["oneOf"]]
    return all(_differ(first, second) for index, first in enumerate(options) for second in options[index + 1 :])


def _differ(first: Any, second: Any) -> bool:
    if not isinstance(first, dict) or not isinstance(second, dict):
        return False
    if not _value_types(first) & _value_types(second):
        return True
    if "allOf" in first or "allOf" in second or not (_has_type(first) and _has_type(second)):
        return False
    return _differ_by_constant(first, second) or _excludes(first, second) or _excludes(second, first)


def _has_type(schema: Schema) -> bool:
    return schema.get("type") == "object"


def _value_types(schema: Schema) -> set[str]:
    """The JSON types that the values of a schema have at most."""
    members = schema.get("enum", [schema["const"]] if "const" in schema else None)
    found = set(types_of(schema)) if members is None else {json_type(member) for member in members}
    return found | {"integer"} if "number" in found else found


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _differ_by_constant(first: Schema, second: Schema) -> bool:
    """Whether a required field has other constants in each of two records."""
    for name in {*first.get("required", ())} & {*second.get("required", ())}:
        ours, theirs = (_texts(one.get("properties", {}).get(name)) for one in (first, second))
        if ours and theirs and not ours & theirs:
            return True
    return False


def _texts(schema: Any) -> set[str]:
    """The texts that a schema lists; empty if it allows other values."""
    if not isinstance(schema, dict):
        return set()
    members = schema.get("enum", [schema.get("const")])
    return {*members} if all(isinstance(one, str) for one in members) else set()


def _excludes(closed: Schema, other: Schema) -> bool:
    """Whether a record forbids a field that the other one requires."""
    return (
        closed.get("additionalProperties") is False
        and not closed.get("patternProperties")
        and not {*other.get("required", ())} <= closed.get("properties", {}).keys()
    )


def _of_all(schema: Schema, sources: Sources, classes: Collection[str]) -> Schema:
    rest = {key: value for key, value in schema.items() if key in ASSERTIONS}
    if any(isinstance(part, dict) and part.keys() & UNEVALUATED for part in flat(schema)):
        # They depend on what the other parts describe.
        return rest
    parts = parts_of(schema, sources, classes)
    if not any(fields_of(part, sources) for part in parts):
        if len(parts) == 1:
            return leftover(parts[0], sources, classes)
        whole = of_no_record(parts)
        return rest if whole is None else leftover(whole, sources, classes)
    strange = [part for part in flat(schema) if not _is_plain(part, sources)]
    if len(strange) == 1 and isinstance(strange[0], dict) and "$ref" not in strange[0]:
        return {key: value for key, value in strange[0].items() if key in ASSERTIONS}
    return {"allOf": strange} if strange else {}


def _is_plain(part: Any, sources: Sources) -> bool:
    """Whether a part of `allOf` only adds fields to a class."""
    seen: set[str] = set()
    waiting = [part]
    while waiting:
        inner = waiting.pop()
        target = target_of(inner)
        if target is not None and inner.keys() - NOTES == {"$ref"}:
            if target not in seen:
                seen.add(target)
                waiting += flat(sources.get(target, {}))
        elif inner is not True and not _only_adds_fields(inner):
            return False
    return True


def _only_adds_fields(part: Any) -> bool:
    if not isinstance(part, dict):
        return False
    others = part.get("additionalProperties", True)
    return (
        part.keys() & ASSERTIONS <= _RECORD
        and (others is True or (isinstance(others, dict) and not others.keys() & ASSERTIONS))
        and part.get("type", "object") == "object"
        and not any(inner is False for inner in part.get("properties", {}).values())
    )


def document(left: Schema, sources: Sources) -> Schema:
    """Constraints for the runtime: only keywords that it checks, and the types that they refer to.

    Raises UnreadPatternError.
    """
    made: Schema = _plain(left)
    found: dict[str, Any] = {}
    waiting = list(references(left))
    while waiting:
        name = waiting.pop()
        if name not in found and name in sources:
            found[name] = _plain(sources[name])
            waiting += references(sources[name])
    return {**made, "$defs": dict(sorted(found.items()))} if found else made


def _plain(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    return {key: _value(key, value) for key, value in schema.items() if key in ASSERTIONS}


def _value(keyword: str, value: Any) -> Any:
    if keyword in _SUBSCHEMAS:
        return _plain(value)
    if keyword in _LISTS:
        return [_plain(one) for one in value]
    if keyword in _NAMED:
        return {name: _plain(one) for name, one in value.items()}
    if keyword == "patternProperties":
        return {_pattern(name): _plain(one) for name, one in value.items()}
    return _pattern(value) if keyword == "pattern" else value


def _pattern(pattern: str) -> str:
    made = translated(pattern)
    if made is None:
        raise UnreadPatternError(pattern)
    return made


def kinds(schemas: Iterable[Any], sources: Sources) -> set[str]:
    """The JSON types that values of all these schemas can have."""
    known: dict[str, set[str]] = {}
    found = set(_ALL_KINDS)
    for schema in schemas:
        found &= _kinds(schema, sources, known)
    return found - {"integer"} if "number" in found else found


def _kinds(schema: Any, sources: Sources, known: dict[str, set[str]]) -> set[str]:
    """The same for one schema. `known` has the types of the schemas that were seen, by name."""
    if not isinstance(schema, dict):
        return set() if schema is False else set(_ALL_KINDS)
    found = _value_types(schema)
    if "number" in found:
        found |= {"integer"}
    target = target_of(schema)
    if target is not None:
        if target not in known:
            known[target] = set(_ALL_KINDS)
            known[target] = _kinds(sources.get(target, {}), sources, known)
        found &= known[target]
    for part in schema.get("allOf", ()):
        found &= _kinds(part, sources, known)
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            found &= set[str]().union(*(_kinds(option, sources, known) for option in schema[keyword]))
    return found
