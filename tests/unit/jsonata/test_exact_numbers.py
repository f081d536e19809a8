"""Numbers that the library cannot hold: infinite ones, NaN, and integers with more digits than a double has."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowgen.jsonata.aws_functions import Environment
from flowgen.jsonata.evaluate import Shared, compile_expression
from flowgen.jsonata.exact import rewritten
from flowgen.jsonata.failures import EvaluationFailure
from flowgen.jsonata.long_integers import LongIntegers, javascript_text

ID = 2**53 + 1
LARGEST = 2**63 - 1


def environment() -> Environment:
    return Environment(random.Random(1), lambda: 0)  # noqa: S311 - reproducible on purpose


def value(source: str, **bindings: Any) -> Any:
    return compile_expression(source).evaluate(bindings, environment())


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1/0", "Infinity"),
        ("-1/0", "-Infinity"),
        ("0/0", "NaN"),
        ("5 % 0", "NaN"),
        ("1e308 * 10", "Infinity"),
        ("-1e308 - 1e308", "-Infinity"),
        ("[1/0]", ["Infinity"]),
        ('{"k": 1/0}', {"k": "Infinity"}),
        ('{"a": 5 % 0, "b": null}', {"a": "NaN", "b": None}),
        ("$map([1, 0], function($n) { 1 / $n })", [1, "Infinity"]),
        ("$sum([1e308, 1e308])", "Infinity"),
        ("$parseInteger('abc', '0')", "NaN"),
        ("1/0 > 5", True),
        ("$exists(1/0)", True),
        ("(1 /* a/b */ / 0) & '/'", "Infinity/"),
    ],
)
def test_numbers_that_are_not_finite_are_strings(source: str, expected: Any) -> None:
    """Division by zero and overflow do not fail on AWS: the result holds a string."""
    assert value(source) == expected


@pytest.mark.parametrize(
    ("source", "code"), [("1/0 + 1", "D1001"), ("1/(1/0)", "D1001"), ("0/0 + 1", "T2001"), ("[1/0, 'a' / 2]", "T2001")]
)
def test_arithmetic_on_them_fails(source: str, code: str) -> None:
    """As in JSONata, whose operands must be finite numbers."""
    with pytest.raises(EvaluationFailure, match=code):
        value(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("$id", ID),
        ("[$id, $largest, $id - 1]", [ID, LARGEST, 2**53 - 1]),
        ('{"id": $id, "half": $id / 2}', {"id": ID, "half": 2**52}),
        ("'id-' & $largest", f"id-{LARGEST}"),
        ('$string([$id, {"a": $largest}])', f'[{ID},{{"a":{LARGEST}}}]'),
        ("{$string($id): 1}", {str(ID): 1}),
        ("$id = $other", False),
        ("$id > $other", True),
        ("$type($id)", "number"),
        ("$distinct([$id, $other, $id])", [ID, ID - 1]),
        ("$items[id = $id].name", "second"),
        (f"$parse('[{LARGEST}]')[0]", LARGEST),
        (f"$parse('{ID}') & ''", str(ID)),
        ("$beyond", 2.0**63),
        ("$string($beyond)", "9223372036854776000"),
    ],
)
def test_integers_are_exact_up_to_a_long(source: str, expected: Any) -> None:
    """Integers of JSON pass unchanged; arithmetic is on doubles, and so is everything from 2^63 on."""
    items = [{"id": ID - 1, "name": "first"}, {"id": ID, "name": "second"}]
    bound = {"id": ID, "other": ID - 1, "largest": LARGEST, "items": items, "beyond": 2**63}
    found = value(source, **bound)
    assert json.dumps(found) == json.dumps(expected)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("$string(12345678901234567890)", "12345678901234600000"),
        ("1234567890123456789 & ''", "1234567890123460000"),
        ("$map([1e20, 1e21], $string)", ["100000000000000000000", "1e+21"]),
        ('$string({"a": 1e20}, true)', '{\n  "a": 100000000000000000000\n}'),
        ('{"a": 1e20} ~> $string(true)', '{\n  "a": 100000000000000000000\n}'),
        ("$string(1/3)", "0.333333333333333"),
    ],
)
def test_computed_numbers_are_written_with_15_digits(source: str, expected: str) -> None:
    """As JSONata 2.0.6 writes them; later versions write integers with up to 17."""
    assert value(source) == expected


def test_shared_values_keep_their_integers() -> None:
    """A list of ids that many evaluations share is converted once and stays exact."""
    world = environment()
    shared = Shared({"$ids": [ID, ID + 1, ID + 2]}, world)
    expression = compile_expression("$ids[$ = $wanted]")
    assert [expression.evaluate({"wanted": one}, world, shared) for one in (ID, ID + 2)] == [ID, ID + 2]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=3),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=3), inside, max_size=4),
)


@given(_JSON)
def test_every_value_comes_back_as_it_was(given_value: Any) -> None:
    """Whatever JSON holds, an expression that only hands it on does not change it."""
    assert value('{"x": $x}', x=given_value) == {"x": given_value}
    integers = LongIntegers()
    assert integers.decode(integers.encode(given_value)) == given_value


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a+b*c", "$add_(a,$multiply_(b,c))"),
        ("a * b + c", "$add_($multiply_(a , b) , c)"),
        ("a & b&c", "$text_($text_(a) & $text_(b))&$text_(c)"),
        ("'1/2' & /x/", "$text_('1/2') & $text_(/x/)"),
        ("(a;", "(a;"),
    ],
)
def test_operators_become_calls(source: str, expected: str) -> None:
    assert rewritten(source) == expected


@pytest.mark.parametrize(
    ("double", "expected"),
    [
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (2.0**63, "9223372036854776000"),
        (-1e15, "-1000000000000000"),
        (-1.0, "-1"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (0.1, "0.1"),
        (-0.0, "0"),
    ],
)
def test_numbers_are_written_as_in_javascript(double: float, expected: str) -> None:
    assert javascript_text(double) == expected
