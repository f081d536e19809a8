"""Values: where expressions are in texts, and what is reported of texts that are not values."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.diagnostics import Sink
from flowgen.model import Expression, Interpolation, Literal, Set, Value, read_workflow
from flowgen.source import read
from tests.marked import FILE, findings, steps, the_finding

SOME = "  - id: known\n    set: {a: 1}\n"


def value_of(written: str) -> Value:
    """The value of a `set` step."""
    sink = Sink()
    root = read(FILE, steps(f"  - id: one\n    set: {written}\n"), sink)
    assert root is not None
    workflow = read_workflow(root, sink)
    assert list(sink) == []
    assert workflow is not None
    [step] = workflow.steps
    assert isinstance(step, Set)
    return step.value


def parts_of(written: str) -> list[Any]:
    """The parts of a string: texts, and expressions as one-tuples."""
    value = value_of(written)
    if isinstance(value, Literal):
        return [value.value]
    parts = value.parts if isinstance(value, Interpolation) else (value,)
    return [(part.text,) if isinstance(part, Expression) else part for part in parts]


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("plain", ["plain"]),
        ("${$a}", [("$a",)]),
        ("${ $a }", [(" $a ",)]),
        ("'  ${ $a }\t'", [(" $a ",)]),
        ('"\\n${ $a }\\n"', [(" $a ",)]),
        ("a${$a}", ["a", ("$a",)]),
        ("${$a}b", [("$a",), "b"]),
        ("'  a${$a}  '", ["  a", ("$a",), "  "]),
        ("${$a}${$b}", [("$a",), ("$b",)]),
        ("${$a} ${$b}", [("$a",), " ", ("$b",)]),
        ("$${$a}", ["${$a}"]),
        ("$$${$a}", ["$${$a}"]),
        ("$$$${$a}", ["$$${$a}"]),
        ("$${a} ${$b} $${c}", ["${a} ", ("$b",), " ${c}"]),
        ("$$${a}", ["$${a}"]),
        ("'{$a}'", ["{$a}"]),
        ("$a {b}", ["$a {b}"]),
        ("a$", ["a$"]),
        ("a}", ["a}"]),
        ('\'${ {"k": {"l": 1}}.k }\'', [(' {"k": {"l": 1}}.k ',)]),
        ("${ '}' & \"}\" & `}` }", [(" '}' & \"}\" & `}` ",)]),
        ('\'${ "\\"}" }\'', [(' "\\"}" ',)]),
        ("${ /* } */ 1 }", [(" /* } */ 1 ",)]),
        ("${ $replace($a, /\\}/, 'x') }", [(" $replace($a, /\\}/, 'x') ",)]),
        ("${ $match($a, /a{2}/) }", [(" $match($a, /a{2}/) ",)]),
        ("${ $a / 2 } and ${ 1 / $b }", [(" $a / 2 ",), " and ", (" 1 / $b ",)]),
        ("${ ($a) / 2 }/${ $b[0] / 2 }", [(" ($a) / 2 ",), "/", (" $b[0] / 2 ",)]),
        ("${ function($x){ $x }(1) }", [(" function($x){ $x }(1) ",)]),
        ("|\n      a ${\n        $a\n      } b\n", ["a ", ("\n  $a\n",), " b\n"]),
        (">-\n      a\n      ${ $a +\n      1 }\n", ["a ", (" $a + 1 ",)]),
        ('"\\u0024{$a}"', [("$a",)]),
    ],
)
def test_texts_with_expressions(written: str, parts: list[Any]) -> None:
    """Braces nest; those in strings, quoted names, comments and regular expressions do not count."""
    assert parts_of(written) == parts


def test_one_expression_keeps_its_type_and_others_make_a_string() -> None:
    """White space around a single expression is ignored."""
    assert isinstance(value_of("'  ${ $a }  '"), Expression)
    assert isinstance(value_of("'- ${ $a }'"), Interpolation)
    assert isinstance(value_of("$${ $a }"), Literal)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("«${ $a»", "this expression has no closing brace"),
        ("ok ${ $known } «${ $a»", "this expression has no closing brace"),
        ("«${ '}'»", "this expression has no closing brace"),
        ("'«${ \"open }»'", "this expression has no closing brace"),
        ("«${ /* }»", "this expression has no closing brace"),
        ("«${{ $known }}»", "`${{ … }}` is the expression syntax of GitHub Actions"),
        ("${ «»}", "missing expression between the braces"),
        ("${«»}", "missing expression between the braces"),
    ],
)
def test_braces_that_are_wrong(written: str, message: str) -> None:
    """FG110, at the text that is to blame."""
    if message.startswith("missing expression"):
        written = written.replace("«»", "»").replace("${", "${«") if " " not in written else "${« »}"
    assert the_finding(steps(f"{SOME}  - id: one\n    set: {written}\n"), "FG110").message == message


@pytest.mark.parametrize(
    "written",
    [
        "a ${ $known =«=» 1 } b",
        "'it''s ${ $known =«=» 1 }'",
        '"\\"\\u0041\\n ${ $known =«=» 1 }"',
        "|\n      first\n      a ${ $known =«=» 1 }\n",
        ">\n      first\n      a ${ $known\n      =«=» 1 }\n",
        "{a: [1, 'x ${ $known =«=» 1 }']}",
        "${ $known } ${ $known =«=» 1 }",
    ],
)
def test_the_caret_is_inside_the_expression(written: str) -> None:
    """Whatever the style of the text, the place is the token's."""
    found = the_finding(steps(f"{SOME}  - id: one\n    set: {written}\n"), "FG110")
    assert found.help == "write `=`"


@pytest.mark.parametrize("marked", ["$known.a =«=» 1", "'$known.a =«=» 1'", "$known.a &«&» true", "${ $known =«=» 1 }"])
def test_the_caret_in_a_bare_expression(marked: str) -> None:
    """Where only an expression can be, its braces may be left out, and places are right without them."""
    the_finding(steps(f"{SOME}  - id: one\n    if: {marked}\n    set: 1\n"), "FG110")


@pytest.mark.parametrize("written", ["$input.a = 1", "${ $input.a = 1 }", "'  ${ $input.a = 1 }  '", "true", '"true"'])
def test_conditions(written: str) -> None:
    """With braces or without."""
    assert findings(steps(f"{SOME}  - id: one\n    if: {written}\n    set: 1\n")) == []


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("«[true]»", "expected an expression, found a list"),
        ("«{a: b}»", "expected an expression, found a mapping"),
        ("«a ${ $known }»", "expected an expression, found a string with expressions in it"),
        ("«$${ $known }»", "expected an expression, found a string with expressions in it"),
    ],
)
def test_conditions_that_are_none(marked: str, message: str) -> None:
    """FG102 where an expression alone can be."""
    assert the_finding(steps(f"{SOME}  - id: one\n    if: {marked}\n    set: 1\n"), "FG102").message == message


@pytest.mark.parametrize("text", ["'{% $a %}'", "'{% $a'", "'$a %}'", "' {% $a %}\t'", "'{%%}'"])
def test_what_step_functions_would_take_for_an_expression(text: str) -> None:
    """FG403: AWS reads any text so that begins or ends with its marks, or rejects it."""
    found = the_finding(steps(f"  - id: one\n    set: {{a: «{text}»}}\n"), "FG403")
    assert found.message == "Step Functions would evaluate this string as an expression"
    assert found.help is not None


@pytest.mark.parametrize("text", ["'a {% b %} c'", "'100 %'", "'%} {%'", "'{ %'"])
def test_marks_inside_a_string(text: str) -> None:
    """They mean nothing there."""
    assert isinstance(value_of(text), Literal)


@pytest.mark.parametrize(
    ("marked", "code", "message"),
    [
        ("{a: 1, «a?»: '${ $known }'}", "FG002", "duplicate key `a` in this mapping"),
        ("{a?: «1»}", "FG102", "`a?` is omitted if its expression is undefined, but its value is not an expression"),
        ("{a?: «'x ${ $known }'»}", "FG102", "`a?` is omitted if its expression is undefined"),
        ("{a?: «[1]»}", "FG102", "`a?` is omitted if its expression is undefined"),
    ],
)
def test_optional_keys_that_are_wrong(marked: str, code: str, message: str) -> None:
    """A key is there once, and only an expression may yield nothing."""
    assert the_finding(steps(f"{SOME}  - id: one\n    set: {marked}\n"), code).message.startswith(message)


def test_a_key_that_is_a_question_mark() -> None:
    """It is a name like any other."""
    value = value_of('{"?": 1}')
    assert [(member.key, member.optional) for member in getattr(value, "members", ())] == [("?", False)]


def test_a_long_text_of_many_expressions() -> None:
    """Splitting and finding places take time in proportion: this test would not end otherwise."""
    value = value_of('"' + "x${$known}" * 30_000 + '"')
    assert isinstance(value, Interpolation)
    assert len(value.parts) == 60_000
