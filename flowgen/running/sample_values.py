"""Builds a simple value of a JSON Schema, for an injected error without details."""

from __future__ import annotations

from collections.abc import Mapping

from flowgen.local.values import JSON

Schema = Mapping[str, JSON]

_DEEPEST = 20
_TEXTS = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "time": "00:00:00Z",
    "duration": "PT1H",
    "email": "somebody@example.com",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.com",
}


def sample(schema: Schema, definitions: Mapping[str, Schema], depth: int = 0) -> JSON:
    """A value that matches the schema, except for keywords such as `pattern`. `definitions` resolve `#/$defs/`."""
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    for key in ("enum", "examples"):
        if schema.get(key):
            return schema[key][0]
    if depth > _DEEPEST:
        return None
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return sample(definitions.get(name, {}), definitions, depth + 1)
    for key in ("oneOf", "anyOf", "allOf"):
        if schema.get(key):
            return sample(schema[key][0], definitions, depth + 1)
    kind = schema.get("type")
    match kind[0] if isinstance(kind, list) else kind:
        case "object":
            properties = schema.get("properties", {})
            return {
                name: sample(properties.get(name, {}), definitions, depth + 1) for name in schema.get("required", ())
            }
        case "array":
            item = schema.get("items", {})
            return [sample(item, definitions, depth + 1) for _ in range(min(schema.get("minItems", 0), _DEEPEST))]
        case "integer" | "number":
            return schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
        case "boolean":
            return False
        case "string":
            return _TEXTS.get(schema.get("format", ""), "a" * max(schema.get("minLength", 1), 1))
        case _:
            return None
