"""YAML's own traps: the help has the form in which the text would have been read as it was meant."""

from __future__ import annotations

import pytest

from flowgen.diagnostics import Diagnostic, Sink
from flowgen.source import read
from flowgen.source.yaml_hints import as_quoted


def finding(text: str) -> Diagnostic:
    sink = Sink()
    assert read("workflow.yaml", text, sink) is None
    [found] = sink
    return found


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("set: ${ $a ? 1 : 2 }\n", '"${ $a ? 1 : 2 }"'),
        ("- set: ${ a : b }\n", '"${ a : b }"'),
        ("- cause: card: ${ $a }\n", '"card: ${ $a }"'),
        ("coupon?: ${ {'a': 1} }\n", "\"${ {'a': 1} }\""),
        ('set: ${ {"a": 1} }\n', "'${ {\"a\": 1} }'"),
        ("set: {x: ${ $f(a, b) }}\n", '"${ $f(a, b) }"'),
        ("set: {x: ${ {'a': 1} }, y: 1}\n", "\"${ {'a': 1} }\""),
        ("set: [a, ${ $x[0] }]\n", '"${ $x[0] }"'),
        ('set: {x: "${ $a }", y: ${ $b }}\n', '"${ $b }"'),
    ],
)
def test_expression_without_quotes(text: str, quoted: str) -> None:
    """FG001 with the whole text, or in a flow collection the expression, in quotes; and that can be read."""
    found = finding(text)
    assert found.code == "FG001"
    assert found.help is not None
    assert found.help.startswith(f"put the string in quotes, `{quoted}`: ")
    plain = quoted[1:-1]
    sink = Sink()
    assert read("workflow.yaml", text.replace(plain, quoted), sink) is not None


@pytest.mark.parametrize(
    ("text", "help_"),
    [
        ("fields: {a: Line[]}\n", 'put the type in quotes inside `{…}`: `"Line[]"`'),
        ("fields: {a: Line[1..5]?}\n", 'put the type in quotes inside `{…}`: `"Line[1..5]?"`'),
        ("fields: {a: map<Line>[]}\n", 'put the type in quotes inside `{…}`: `"map<Line>[]"`'),
    ],
)
def test_array_types(text: str, help_: str) -> None:
    """Brackets begin a list in a flow mapping."""
    assert finding(text).help == help_


@pytest.mark.parametrize("text", ["{when: $a in [1, 2], steps: []}\n", "{when: $x[0] = 1, steps: []}\n"])
def test_brackets_of_an_expression(text: str) -> None:
    """Brackets of an expression are not an array type."""
    found = finding(text)
    assert found.help is not None
    assert found.help.startswith("put the string in quotes: ")


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("{when: $f(a, b), steps: []}\n", '"$f(a, b)"'),
        ('{when: $f($x, "b"), steps: []}\n', None),
        ("{cause: Hello dear, nice to meet you}\n", '"Hello dear, nice to meet you"'),
        ("{a: 1, b, c: 2}\n", None),
        ("{a: [1], b}\n", None),
        ("a: 1\nb:\n", None),
    ],
)
def test_text_cut_at_a_comma(text: str, quoted: str | None) -> None:
    """FG004 with the whole text in quotes, where the rest of one looks like a key without a value."""
    found = finding(text)
    assert found.help is not None
    assert (f"quotes, `{quoted}`" in found.help) == (quoted is not None)
    assert found.code == "FG004"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("if: > 5\n", "a block string starts on the line after `|` or `>`"),
        ("set: 'a' & 'b'\n", "an unquoted `&` or `*` is a YAML anchor or alias"),
    ],
)
def test_signs_of_yaml(text: str, message: str) -> None:
    """FG001 in words about what was written."""
    assert finding(text).message == message


def test_quoted() -> None:
    """The kind of quotes that needs no escapes, where there is one."""
    assert as_quoted("a b") == '"a b"'
    assert as_quoted('a "b"') == "'a \"b\"'"
    assert as_quoted('it\'s "b" \\') == '"it\'s \\"b\\" \\\\"'
