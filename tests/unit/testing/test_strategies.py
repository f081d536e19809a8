"""Inputs drawn from a type: each fits its schema, by an independent judge."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from flowgen.testing import Workflow, inputs
from flowgen.testing.strategies import values

SCHEMAS: list[dict[str, Any]] = [
    {},
    {"type": "string", "minLength": 2, "maxLength": 3},
    {"type": "string", "pattern": "^[A-Z]-[0-9]{4,}$", "maxLength": 8},
    {"type": ["integer", "null"], "minimum": 3, "exclusiveMaximum": 9, "multipleOf": 2},
    {"type": "integer", "exclusiveMinimum": -2, "maximum": 0},
    {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    {"type": "number", "multipleOf": 5, "minimum": 1, "maximum": 11},
    {"type": "array", "items": {"type": "boolean"}, "minItems": 1, "maxItems": 2, "uniqueItems": True},
    {"type": "array", "prefixItems": [{"const": "a"}, {"type": "null"}], "items": False, "minItems": 2},
    {"type": "object", "additionalProperties": {"enum": [1, "x"]}},
    {
        "type": "object",
        "properties": {"a": {"type": "null"}, "b": {}},
        "required": ["a"],
        "additionalProperties": False,
    },
    {"anyOf": [{"type": "string", "format": "date"}, {"type": "boolean"}]},
    {
        "$ref": "#/$defs/Tree",
        "$defs": {
            "Tree": {
                "type": "object",
                "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}},
                "additionalProperties": False,
            }
        },
    },
    *({"type": "string", "format": name} for name in ("email", "uuid", "date", "date-time", "ipv4", "ipv6")),
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_what_is_drawn_fits_the_schema(schema: dict[str, Any]) -> None:
    """`jsonschema` finds nothing wrong with it, formats included."""
    import jsonschema

    judge = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)

    @settings(max_examples=30, derandomize=True, database=None)
    @given(values(schema))
    def holds(value: Any) -> None:
        judge.validate(value)

    holds()


def test_optional_fields_are_drawn_and_left_out() -> None:
    """Both an object with the field and one without it come up."""
    drawn = values({"type": "object", "properties": {"a": {"type": "null"}}})

    found = settings(derandomize=True, database=None)
    assert find(drawn, lambda value: value == {}, settings=found) == {}
    assert find(drawn, lambda value: "a" in value, settings=found) == {"a": None}


@pytest.mark.parametrize("keyword", ["allOf", "not", "if"])
def test_a_keyword_that_nothing_is_drawn_from_is_reported(keyword: str) -> None:
    """Rather an error than inputs that don't fit."""
    with pytest.raises(ValueError, match=f"`{keyword}`"):
        values({keyword: []})


def test_every_order_ends(place_order: Workflow) -> None:
    """What the input's type allows, the functions' contracts take: no order ends in a broken contract."""

    @settings(max_examples=30, derandomize=True, database=None, deadline=None)
    @given(inputs(place_order), st.integers(0, 3))
    def ends(order: Any, busy: int) -> None:
        run = place_order.run(order, fail={"reservation": "OutOfStock", "charge": ("GatewayBusy", busy)})
        assert run.status == "SUCCEEDED" or run.error == "OrderRefused", run.trace

    ends()
