"""JSON Schema 2020-12 read as types, and types written as JSON Schema."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.types import (
    Approximation,
    Declaration,
    Definitions,
    Type,
    contains,
    json_schema,
    record,
    show,
    union,
)


def read(schema: Any) -> Type:
    return Definitions({}).type_of(schema)


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "string"}, "string"),
        ({"type": ["integer", "null"]}, "integer | null"),
        ({"type": "string", "format": "email"}, "email"),
        ({"type": "string", "format": "colour"}, "string"),
        ({"enum": ["a", 1, None, True]}, '1 | "a" | true | null'),
        ({"const": {"a": 1}}, "{a: 1}"),
        ({"type": "string", "enum": ["a", 1]}, '"a"'),
        ({"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 5}, "string[1..5]"),
        ({"type": "array", "prefixItems": [{"type": "string"}], "items": False, "minItems": 1}, "[string]"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "map<integer>"),
        ({"type": "object"}, "object"),
        ({}, "any"),
        (True, "any"),
        (False, "never"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string | null"),
        ({"type": "string", "minLength": 3, "pattern": "^a"}, "string"),
        ({"allOf": [{"type": "string"}, {"enum": ["a", 1]}]}, '"a"'),
        (
            {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False},
            "{a?: string}",
        ),
        (
            {
                "allOf": [
                    {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
                    {"properties": {"b": {"type": "integer"}}, "required": ["b"]},
                ]
            },
            "{a: string, b: integer, …}",
        ),
        ({"type": "object", "required": ["a"]}, "{a: any, …}"),
    ],
)
def test_schemas_as_types(schema: Any, text: str) -> None:
    """Each keyword that says something of shape is in the type."""
    assert show(read(schema)) == text


@pytest.mark.parametrize("filled", [True, False])
def test_defaults_are_there_once_filled(filled: bool) -> None:  # noqa: FBT001 - a parameter
    """A field with a default is there in the filled form, and may be absent in the sent one."""
    schema = {"type": "object", "properties": {"n": {"type": "integer", "default": 0}}, "additionalProperties": False}
    found = Definitions({}, filled=filled).type_of(schema)
    assert contains(found, {}) is not filled
    assert contains(found, {"n": 1})


def test_conditions_allow_what_either_branch_does() -> None:
    """`if` is approximated: whatever the schema allows is of the type, and it is said that more is."""
    schema = {
        "type": "object",
        "properties": {"kind": {"enum": ["a", "b"]}, "x": {"type": ["string", "integer"]}},
        "required": ["kind", "x"],
        "if": {"properties": {"kind": {"const": "a"}}},
        "then": {"properties": {"x": {"type": "string"}}},
        "else": {"properties": {"x": {"type": "integer"}}},
    }
    definitions = Definitions({"Either": schema})
    found = definitions.expansion("Either")
    assert contains(found, {"kind": "a", "x": "text"})
    assert contains(found, {"kind": "b", "x": 1})
    assert not contains(found, {"kind": "b", "x": "text"})
    assert [(one.declaration, one.keyword) for one in definitions.approximations] == [(Declaration("Either"), "if")]


def test_omissions_are_reported() -> None:
    """`not` and properties by pattern are approximations, with their place."""
    definitions = Definitions(
        {
            "A": {"type": "string", "not": {"const": "x"}},
            "B": {"type": "object", "patternProperties": {"^x-": {}}, "additionalProperties": False},
        }
    )
    assert show(definitions.expansion("A")) == "string"
    assert contains(definitions.expansion("B"), {"x-a": 1})
    assert definitions.approximations == [
        Approximation(Declaration("A"), "not", "`not` is checked at run time only"),
        Approximation(Declaration("B"), "patternProperties", "patterns of names are checked at run time only"),
    ]


def test_types_that_contain_themselves() -> None:
    """A recursive type is one reference; a name that is only itself has no values."""
    definitions = Definitions(
        {
            "Tree": {"type": "object", "properties": {"sub": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}},
            "Self": {"$ref": "#/$defs/Self"},
            "Maybe": {"anyOf": [{"$ref": "#/$defs/Maybe"}, {"type": "null"}]},
        }
    )
    tree = definitions.named("Tree")
    assert contains(tree, {"sub": [{"sub": []}]})
    assert not contains(tree, {"sub": [{"sub": 1}]})
    assert definitions.expansion("Self").is_never
    assert contains(definitions.named("Maybe"), None)


def test_declared_types_keep_their_name() -> None:
    """A declared type is written as a reference, alone and inside others."""
    definitions = Definitions({"Line": {"type": "object"}})
    line = definitions.named("Line")
    assert json_schema(record({"line": line})) == {
        "type": "object",
        "properties": {"line": {"$ref": "#/$defs/Line"}},
        "required": ["line"],
        "additionalProperties": False,
    }
    assert show(union(line, definitions.expansion("Line"))) == "Line"
