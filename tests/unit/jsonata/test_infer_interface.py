"""The interface of inference: positions and reasons, narrowed environments, bounds on hostile expressions."""

from __future__ import annotations

import pytest

from flowgen.jsonata.inference import Environment, Inference, Kind, Problem, infer, narrow, settled
from flowgen.jsonata.parsing import ExpressionParser, Syntax
from flowgen.types import (
    ANY_TYPE,
    INTEGER_TYPE,
    NULL_TYPE,
    TEXT_TYPE,
    Declaration,
    Definitions,
    array_of,
    assign,
    literal,
    optional,
    record,
    show,
    union,
)

DEFINITIONS = Definitions(
    {
        "Order": {
            "type": "object",
            "properties": {
                "id": {"type": "string"},
                "coupon": {"type": "string"},
                "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
            },
            "required": ["id", "lines"],
            "additionalProperties": False,
        },
        "Line": {
            "type": "object",
            "properties": {"sku": {"type": "string"}, "amount": {"type": "integer"}},
            "required": ["sku", "amount"],
            "additionalProperties": False,
        },
    }
)
ENVIRONMENT = Environment({"order": DEFINITIONS.named("Order"), "n": INTEGER_TYPE})


def syntax(text: str) -> Syntax:
    found = ExpressionParser().parse(text)
    assert isinstance(found, Syntax)
    return found


def inferred(text: str, environment: Environment = ENVIRONMENT) -> Inference:
    return infer(text, syntax(text).tree, environment)


def only_problem(text: str) -> Problem:
    (problem,) = inferred(text).problems
    return problem


def test_a_misspelled_field_is_suggested_with_its_contract() -> None:
    """The problem underlines the name, and names the contract that lacks it and the intended field."""
    problem = only_problem("1 + $order.lines.amuont")
    assert (problem.start, problem.end) == (17, 23)
    assert problem.message == "`Line` has no field `amuont`, so this is always undefined"
    assert problem.help == "did you mean `amount`?"
    assert problem.declaration == Declaration("Line")
    assert problem.certain


@pytest.mark.parametrize(
    ("text", "message", "help_"),
    [
        (
            "$order.lines[n]",
            "`Line` has no field `n`, so this is always undefined",
            "a bare name is a field of the current item; the variable is `$n`",
        ),
        (
            "order.id",
            "`order` without `$` is a field of the context, which is empty here, so it is always undefined",
            "for a variable, write `$order`",
        ),
        (
            "length($order.id)",
            "`length` without `$` is a field, not a function: the expression fails",
            "did you mean `$length(…)`?",
        ),
        (
            "$order.id * 2",
            "`*` multiplies numbers, but this is `string`: the expression fails",
            "convert the string: `$number(x)`",
        ),
        (
            '"a" & $order.coupon',
            "this may be undefined (`coupon` may be absent from `Order`), and `&` treats undefined as an empty string",
            "guard it: `$exists($order.coupon) ? … : …`",
        ),
        (
            "$join($order.lines.amount)",
            (
                "`$join` expects strings as its first argument, but this may be `integer | integer[]`, "
                "and the expression then fails"
            ),
            "convert the items: `x.$string()`",
        ),
        (
            '$order.id = "a" ? $order.total : 1',
            "`Order` has no field `total`, so this is always undefined",
            "its fields are `id`, `coupon`, `lines`",
        ),
    ],
)
def test_messages(text: str, message: str, help_: str) -> None:
    """Each message says what happens at run time, and what to write."""
    problem = only_problem(text)
    assert problem.message == message
    assert problem.help == help_


def test_its_origin_is_unknown() -> None:
    """The reason why a value may be undefined names the contract and underlines the path to the field."""
    found = inferred("$order.coupon").type
    assert found.absent is not None
    assert (found.absent.start, found.absent.end) == (0, 13)
    assert found.absent.text == "`coupon` may be absent from `Order`"
    assert found.absent.declaration == Declaration("Order", ("properties", "coupon"))


def test_a_sequence_says_where_it_comes_from() -> None:
    """The mismatch of a sequence with an array underlines the path that flattens."""
    mismatch = assign(inferred("$order.lines.sku").type, array_of(TEXT_TYPE))
    assert mismatch is not None
    assert mismatch.origin is not None
    assert (mismatch.origin.start, mismatch.origin.end) == (0, 16)
    assert mismatch.message == (
        "is undefined for no items, a single `string` for one item, and an array only for more, "
        "expected `string[]` (`$order.lines.sku` is flattened)"
    )


def test_what_leaves_an_expression_has_no_offsets() -> None:
    """Settled types keep the text of their reasons, and lose the offsets, which are meaningless elsewhere."""
    found = settled(inferred("$order.lines.sku").type)
    assert found.absent is not None
    assert (found.absent.start, found.absent.end) == (0, 0)
    (sequence,) = found.arrays
    assert sequence.origin is not None
    assert sequence.origin.text == "`$order.lines.sku` is flattened"
    assert (sequence.origin.start, sequence.origin.end) == (0, 0)


@pytest.mark.parametrize(
    ("condition", "holds", "path", "expected"),
    [
        ("$exists($order.coupon)", True, "$order.coupon", "string"),
        ("$exists($order.coupon)", False, "$order.coupon", "undefined"),
        ("$v = null", True, "$v", "null"),
        ("$v = null", False, "$v", '1 | "a" | undefined'),
        ("$v != null", True, "$v", '1 | "a"'),
        ('$type($v) = "string"', True, "$v", '"a"'),
        ('$type($v) = "string"', False, "$v", "1 | null | undefined"),
        ("$v", True, "$v", '1 | "a"'),
        ('$v in ["a", "b"]', True, "$v", '"a"'),
        ('$v in ["a", "b"]', False, "$v", "1 | null | undefined"),
        ('$exists($v) and $v != "a"', True, "$v", "1 | null"),
        ('$v = "a" or $v = 1', True, "$v", '1 | "a"'),
        ("$not($exists($v))", True, "$v", "undefined"),
        ("$count($order.lines) > 1", True, "$order.lines[1].sku", "string"),
    ],
)
def test_conditions_narrow_what_follows(condition: str, holds: bool, path: str, expected: str) -> None:  # noqa: FBT001 - a parameter
    """If a condition is true or false, the types of its variables are narrowed accordingly."""
    v = optional(union(literal("a"), literal(1), NULL_TYPE))
    environment = Environment({**ENVIRONMENT.variables, "v": v})
    narrowed = narrow(condition, syntax(condition).tree, environment, holds=holds)
    assert narrowed is not None
    assert show(inferred(path, narrowed).type) == expected


def test_a_condition_that_cannot_hold_narrows_to_nowhere() -> None:
    """An impossible outcome has no environment."""
    environment = Environment({"kind": literal("a")})
    assert narrow('$kind = "b"', syntax('$kind = "b"').tree, environment, holds=True) is None
    assert narrow('$kind = "a"', syntax('$kind = "a"').tree, environment, holds=False) is None


def test_narrowing_ends_where_a_variable_is_bound_again() -> None:
    """Facts about a variable are dropped when it is bound again."""
    text = "$exists($order.coupon) ? ($order := {}; $order.coupon) : 1"
    assert show(inferred(text).type) == "1 | undefined"


def test_any_is_reported_where_it_hides_something() -> None:
    """An operand of type `any` is a note that gives the reason."""
    problem = next(iter(inferred("$x + 1", Environment({"x": ANY_TYPE})).problems))
    assert problem.kind is Kind.UNCHECKED
    assert problem.may_fail
    assert "it is declared `any`" in problem.message


@pytest.mark.parametrize(
    "text",
    [
        "($a0 := 1;" + "".join(f"$a{i + 1} := [[$a{i}], [$a{i}]];" for i in range(80)) + "$a80)",
        "($a0 := 1;" + "".join(f'$a{i + 1} := {{"x": $a{i}, "y": $a{i}}};' for i in range(80)) + "$a80)",
        '($a0 := {"k": 1};'
        + "".join(f'$a{i + 1} := ($n = {i} ? {{"k{i}": $a{i}}} : $a{i});' for i in range(80))
        + "$a80)",
        "($f := function($x) { $f([$x]) }; $f(1))",
        '($f := function($x) { $g($x) }; $g := function($x) { $f({"a": $x}) }; $f(1))',
        "("
        + "".join(f"$f{i} := function($x) {{ $f{i + 1}($f{i + 1}($x)) }};" for i in range(40))
        + "$f40 := $string; $f0(1))",
        "$reduce([1..3], function($p, $q) { [[$p], [$p]] })",
        " and ".join(["($n = 1 or $n = 2)"] * 300),
        "$n = 1 ? " * 200 + "1" + " : 2" * 200,
    ],
    ids=range(9),
)
def test_hostile_expressions_end(text: str) -> None:
    """The work is bounded for types that double at every step, and for functions that never return."""
    found = inferred(text).type
    assert show(found)
    assert assign(found, record({"a": TEXT_TYPE})) is not None or found.is_any or found.is_never
    settled(found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$toMillis($n)", "`$toMillis` expects a string as its first argument, found `integer`: the expression fails"),
        ("$fromMillis('1')", '`$fromMillis` expects a number as its first argument, found `"1"`: the expression fails'),
        ("$pad('1')", "missing second argument of `$pad`: expected a number; the expression fails"),
        ("$split($n)", "`$split` expects a string as its first argument, found `integer`: the expression fails"),
        ("$join(['a'], 1)", "`$join` expects a string as its second argument, but this is `1`: the expression fails"),
    ],
)
def test_a_wrong_argument_is_named(text: str, message: str) -> None:
    """One problem per call, which says which argument and what it is; the result of the call adds nothing."""
    assert only_problem(text).message == message


def test_what_a_predicate_shows_about_an_item_does_not_hold_outside() -> None:
    """The item of `$[…]` has the type of the context, but is another context."""
    context = Environment({}, record({"b": array_of(TEXT_TYPE), "c": INTEGER_TYPE}))
    assert inferred("$exists($[$.b[0]]) ? 1 : $.b[0]", context).type.may_be_absent
