"""Type expressions: what they mean, and where they are wrong."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.types import (
    FORMATS,
    PRIMITIVES,
    ArrayOf,
    Format,
    MapOf,
    Named,
    NotationFailure,
    Nullable,
    Primitive,
    Union,
    WithDefault,
    names_in,
    parse,
    schema_of,
)

STRING, INTEGER = Primitive("string"), Primitive("integer")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("Order", Named("Order", 0, 5)),
        ("  Order  ", Named("Order", 2, 7)),
        ("string[]", ArrayOf(STRING)),
        ("string[3]", ArrayOf(STRING, 3, 3)),
        ("string[1..50]", ArrayOf(STRING, 1, 50)),
        ("string[1..]", ArrayOf(STRING, 1, None)),
        ("string[..5]", ArrayOf(STRING, None, 5)),
        ("string[ 2..2 ]", ArrayOf(STRING, 2, 2)),
        ("string?", Nullable(STRING)),
        ("string[]?", Nullable(ArrayOf(STRING))),
        ("string?[]", ArrayOf(Nullable(STRING))),
        ("string[][]", ArrayOf(ArrayOf(STRING))),
        ("map<string>", MapOf(STRING)),
        ("map < map<integer[]> ? >", MapOf(Nullable(MapOf(ArrayOf(INTEGER))))),
        ("string | integer", Union((STRING, INTEGER))),
        ("string | integer? | integer[]", Union((STRING, Nullable(INTEGER), ArrayOf(INTEGER)))),
        ("(string | integer)[]", ArrayOf(Union((STRING, INTEGER)))),
        ("((string))", STRING),
        ("map<string | integer>", MapOf(Union((STRING, INTEGER)))),
        ("date-time", Format("date-time")),
    ],
)
def test_expressions(text: str, tree: object) -> None:
    """Postfixes bind tightest, then `|`."""
    assert parse(text) == tree


@pytest.mark.parametrize("name", PRIMITIVES)
def test_primitives(name: str) -> None:
    """Each is itself."""
    assert parse(name) == Primitive(name)


@pytest.mark.parametrize("name", FORMATS)
def test_formats_are_texts(name: str) -> None:
    """Each format of JSON Schema is a string of that format."""
    tree = parse(name)
    assert not isinstance(tree, NotationFailure)
    assert schema_of(tree) == {"type": "string", "format": name}


@pytest.mark.parametrize(
    ("text", "default"),
    [
        ("integer = 0", 0),
        ("integer=-3", -3),
        ("number = 1.5e3", 1500.0),
        ("string = open", "open"),
        ('string = "open"', "open"),
        ("string = a = b", "a = b"),
        ("string = it's = 'new'", "it's = 'new'"),
        ("string? = null", None),
        ("boolean = true", True),
        ("string[] = []", []),
        ('any = {"a": [1]}', {"a": [1]}),
        ("any = {broken", "{broken"),
        ("any = NaN", "NaN"),
        ("A | B = x", "x"),
    ],
)
def test_defaults(text: str, default: Any) -> None:
    """From `=` to the end: JSON, or the text as it is."""
    tree = parse(text, default_allowed=True)
    assert isinstance(tree, WithDefault)
    assert (tree.default, type(tree.default)) == (default, type(default))


def test_a_default_is_of_the_whole_union() -> None:
    """`=` binds least."""
    assert parse("string | integer = 1", default_allowed=True) == WithDefault(Union((STRING, INTEGER)), 1)


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        ("any", {}),
        ("null", {"type": "null"}),
        ("Order", {"$ref": "#/$defs/Order"}),
        ("string?", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ("string[]", {"type": "array", "items": {"type": "string"}}),
        ("string[..5]", {"type": "array", "items": {"type": "string"}, "maxItems": 5}),
        ("map<Order>", {"type": "object", "additionalProperties": {"$ref": "#/$defs/Order"}}),
        ("A | null", {"anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]}),
        ("integer = 1", {"type": "integer", "default": 1}),
        ("A = {}", {"$ref": "#/$defs/A", "default": {}}),
    ],
)
def test_schemas(text: str, schema: Any) -> None:
    """As JSON Schema 2020-12."""
    tree = parse(text, default_allowed=True)
    assert not isinstance(tree, NotationFailure)
    assert schema_of(tree) == schema


def test_names_in_order() -> None:
    """Every declared type that is named, with its place."""
    tree = parse("map<A | B[]>? | uuid | (C | A) = 1", default_allowed=True)
    assert not isinstance(tree, NotationFailure)
    assert [(named.name, named.start, named.end) for named in names_in(tree)] == [
        ("A", 4, 5),
        ("B", 8, 9),
        ("C", 24, 25),
        ("A", 28, 29),
    ]


@pytest.mark.parametrize(
    ("text", "message", "start", "end"),
    [
        ("", "expected a type", 0, 0),
        ("  ", "expected a type", 0, 2),
        ("string |", "expected a type here", 8, 8),
        ("| string", "unexpected `|` in a type", 0, 1),
        ("string integer", "unexpected `integer` in a type", 7, 14),
        ("string!", "unexpected `!` in a type", 6, 7),
        ("1", "unexpected `1` in a type", 0, 1),
        ("string[x]", "unexpected `[x]` in a type", 6, 9),
        ("string[-1]", "unexpected `[-1]` in a type", 6, 10),
        ("[]", "unexpected `[]` in a type", 0, 2),
        ("string]", "unexpected `]` in a type", 6, 7),
        ("string[5..3]", "the minimum number of items (5) is above the maximum (3)", 6, 12),
        ("map", "expected `<` here", 3, 3),
        ("map<>", "unexpected `>` in a type", 4, 5),
        ("map<string", "expected `>` here", 10, 10),
        ("map<string, integer>", "expected `>` here", 10, 10),
        ("(string", "expected `)` here", 7, 7),
        ("string)", "unexpected `)` in a type", 6, 7),
        ("string = 1", "only a field can have a default", 7, 10),
        ("string ?? é", "unexpected `é` in a type", 10, 11),
    ],
)
def test_what_is_wrong(text: str, message: str, start: int, end: int) -> None:
    """The message, and the characters that are to blame."""
    failure = parse(text)
    assert isinstance(failure, NotationFailure)
    assert (failure.message, failure.start, failure.end) == (message, start, end)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 2000 + "string" + ")" * 2000,
        "map<" * 2000 + "string" + ">" * 2000,
        "string" + "?" * 2000,
        "string" + "[]" * 2000,
        "(" * 39 + "string" + ("?" * 39 + ")") * 39,
    ],
)
def test_nesting_is_bounded(text: str) -> None:
    """Before anything that follows the tree runs out of stack."""
    failure = parse(text)
    assert isinstance(failure, NotationFailure)
    assert (failure.message, failure.start, failure.end) == ("this type is nested too deeply", 0, len(text))
