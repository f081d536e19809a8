"""The JSON types of the values that a JSON Schema allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowgen.types.schema import json_type

Schema = Mapping[str, Any] | bool

KINDS = ("object", "array", "string", "number", "boolean", "null")
"""The names that JSONata's `$type` returns."""

_DEEPEST = 40
"""The references to follow one after the other when the JSON types of a schema are determined."""


def kinds_of(
    schema: Schema, definitions: Mapping[str, Any], known: dict[str, frozenset[str]] | None = None, depth: int = 0
) -> frozenset[str]:
    """The JSON types that a schema allows, or more. `known` has those of named types."""
    known = {} if known is None else known
    if isinstance(schema, bool):
        return frozenset(KINDS if schema else ())
    found = frozenset(KINDS)
    if "type" in schema:
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        found = frozenset("number" if name == "integer" else name for name in types)
    if "enum" in schema or "const" in schema:
        found &= {json_type(member) for member in schema.get("enum", [schema.get("const")])}
    if "discriminator" in schema:
        found &= {"object"}
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        if name not in known and depth < _DEEPEST:
            known[name] = frozenset(KINDS)  # for a type that contains itself
            known[name] = kinds_of(definitions.get(name, True), definitions, known, depth + 1)
        found &= known.get(name, found)
    for part in schema.get("allOf", ()):
        found &= kinds_of(part, definitions, known, depth)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            found &= frozenset[str]().union(*(kinds_of(option, definitions, known, depth) for option in schema[key]))
    return found
