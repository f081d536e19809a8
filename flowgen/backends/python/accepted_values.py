"""Which values a schema accepts: null, and defaults that are written in Python as in JSON.

`sources` are the schemas of all types by name, which references point to.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flowgen.backends.python.modules import target_of
from flowgen.backends.python.schema_forms import JSON_TYPES, PYTHON_FORMATS, SCALARS, types_of

Sources = Mapping[str, Any]

DEEP = 40
"""The number of references that are followed in a chain."""


def accepts_null(schema: Any, sources: Sources, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a type accepts null."""
    if not isinstance(schema, dict):
        return bool(schema)
    target = target_of(schema)
    if target is not None:
        return target not in seen and accepts_null(sources.get(target, {}), sources, seen | {target})
    if "enum" in schema or "const" in schema:
        return None in schema.get("enum", [schema.get("const", False)])
    if "allOf" in schema:
        return all(accepts_null(part, sources, seen) for part in schema["allOf"])
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            return any(accepts_null(option, sources, seen) for option in schema[keyword])
    return "null" in types_of(schema)


def is_literal(schema: Any, value: Any, sources: Sources, depth: int = 0) -> bool:
    """Whether a default has the right type in Python if it is written as in JSON."""
    if depth > DEEP or value is None:
        return False
    if not isinstance(schema, dict):
        return True
    target = target_of(schema)
    if target is not None:
        return is_literal(sources.get(target, {}), value, sources, depth + 1)
    if "enum" in schema or "const" in schema:
        members = schema.get("enum", [schema.get("const")])
        return isinstance(value, SCALARS) and any(type(value) is type(one) and value == one for one in members)
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            return any(is_literal(option, value, sources, depth + 1) for option in schema[keyword])
    if not {"allOf", "prefixItems", "properties", "patternProperties", "required"}.isdisjoint(schema):
        return False
    types = types_of(schema)
    kind = JSON_TYPES[type(value)]
    if kind not in types and not (kind == "integer" and "number" in types):
        return False
    match value:
        case str():
            return schema.get("format") not in PYTHON_FORMATS
        case list():
            return _are_literals(schema.get("items", True), value, sources, depth + 1)
        case dict():
            rest = schema.get("additionalProperties", True)
            return rest is not False and _are_literals(rest, value.values(), sources, depth + 1)
        case _:
            return True


def _are_literals(schema: Any, items: Collection[Any], sources: Sources, depth: int) -> bool:
    """The same for items. Type checkers infer a wider type for a list of literals, such as `list[str]`."""
    inner = resolved(schema, sources)
    if isinstance(inner, dict) and items:
        types = inner.get("type")
        if not {"enum", "const", "anyOf", "oneOf"}.isdisjoint(inner) or isinstance(types, list):
            return False
        if types == "number" and not all(isinstance(item, float) for item in items):
            return False
    return all(item not in ([], {}) and is_literal(schema, item, sources, depth) for item in items)


def asserts_object(schema: Any, sources: Sources) -> bool:
    """Whether a schema only allows objects."""
    seen: set[str] = set()
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if not isinstance(part, dict):
            continue
        if part.get("type") == "object":
            return True
        waiting += part.get("allOf", ())
        target = target_of(part)
        if target is not None and target not in seen:
            seen.add(target)
            waiting.append(sources.get(target, {}))
    return False


def resolved(schema: Any, sources: Sources) -> Any:
    """The schema that a reference leads to; any other schema itself."""
    for _ in range(DEEP):
        target = target_of(schema)
        if target is None:
            break
        schema = sources.get(target, {})
    return schema


def is_null(schema: Any, sources: Sources) -> bool:
    inner = resolved(schema, sources)
    return isinstance(inner, dict) and (
        inner.get("type") in ("null", ["null"]) or inner.get("enum", [inner.get("const", 0)]) == [None]
    )
