"""Samples of JSON Schemas."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.running.sample_values import sample

SCHEMAS: list[dict[str, Any]] = [
    {},
    {"type": "string"},
    {"type": "string", "format": "email"},
    {"type": "string", "minLength": 3},
    {"type": "integer", "minimum": 5},
    {"type": "number", "exclusiveMinimum": 2},
    {"type": ["string", "null"]},
    {"type": "boolean"},
    {"enum": ["a", "b"]},
    {"const": 4},
    {"type": "array", "items": {"type": "integer"}, "minItems": 2},
    {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {}},
        "required": ["a"],
        "additionalProperties": False,
    },
    {
        "$ref": "#/$defs/Line",
        "$defs": {"Line": {"type": "object", "required": ["sku"], "properties": {"sku": {"const": "x"}}}},
    },
    {"oneOf": [{"type": "integer"}, {"type": "string"}]},
]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_sample_fits(schema: dict[str, Any]) -> None:
    """The value is one that the schema allows."""
    import jsonschema

    jsonschema.validate(sample(schema, schema.get("$defs", {})), schema)


def test_types_within_themselves_end() -> None:
    """A type that needs itself has no value; the sample ends all the same."""
    definitions = {"A": {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/$defs/A"}}}}
    value = sample({"$ref": "#/$defs/A"}, definitions)
    depth = 0
    while value is not None:
        value, depth = value["a"], depth + 1
    assert depth == 10
