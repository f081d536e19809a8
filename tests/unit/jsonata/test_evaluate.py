"""Evaluation of expressions: what differs between the library and Step Functions, and what the world hands in."""

from __future__ import annotations

import hashlib
import random
import threading
from typing import Any

import pytest

from flowgen.jsonata.aws_functions import Environment
from flowgen.jsonata.evaluate import EXECUTION_INPUT, Shared, compile_expression, syntax_error
from flowgen.jsonata.failures import EvaluationFailure


def environment() -> Environment:
    # 2025-01-01T00:00:00.123Z
    return Environment(random.Random(1), lambda: 1_735_689_600_123)  # noqa: S311 - reproducible on purpose


def value(source: str, **bindings: Any) -> Any:
    return compile_expression(source).evaluate(bindings, environment())


def reason(source: str, **bindings: Any) -> str:
    with pytest.raises(EvaluationFailure) as failure:
        value(source, **bindings)
    return failure.value.reason


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 + 2", 3),
        ("'a' & 'b'", "ab"),
        ("true", True),
        ("null", None),
        ("1.5", 1.5),
        ("[1, null]", [1, None]),
        ('{"a": null}', {"a": None}),
        ("[1..3]", [1, 2, 3]),
    ],
)
def test_values_of_each_type(source: str, expected: Any) -> None:
    """An expression gives the JSON value that it says."""
    assert value(source) == expected
    assert type(value(source)) is type(expected)


def test_variables_are_the_bindings() -> None:
    """A binding is a variable of its name, null included."""
    assert value("$x.a[1] + $y", x={"a": [1, 2]}, y=3) == 5
    assert value("[$x]", x=None) == [None]


def test_nothing_is_a_failure() -> None:
    """Step Functions takes nothing for a failure, and null for a value."""
    assert reason("$x.missing", x={}) == "returned nothing (undefined)."


@pytest.mark.parametrize("source", ["$sum", "function($x){$x}", '{"f": $sum}', "[function($x){$x}]", "/a/"])
def test_functions_are_not_values(source: str) -> None:
    """A function cannot be a result, at any depth."""
    assert reason(source) == "returned an unsupported result type."


def test_errors_have_their_code_and_the_services_words() -> None:
    """The code comes first; the name that is not a function is left out, as recorded of the service."""
    assert reason("$nope(1)") == "threw an error during evaluation. T1006: Attempted to invoke a non-function"
    assert reason("1 +").startswith("threw an error during evaluation. S0207")
    assert reason("$error('no stock')") == "threw an error during evaluation. D3137: no stock"


def test_eval_does_not_exist() -> None:
    """Step Functions has no $eval."""
    assert reason("$eval('1')") == "threw an error during evaluation. T1006: Attempted to invoke a non-function"


def test_time_is_handed_in() -> None:
    """$now and $millis tell the environment's time."""
    assert value("$now()") == "2025-01-01T00:00:00.123Z"
    assert value("$now('[Y0001]-[M01]')") == "2025-01"
    assert value("$millis()") == 1_735_689_600_123


def test_randomness_is_handed_in() -> None:
    """$random, $uuid and $shuffle draw from the environment; a seed makes $random a constant."""
    assert value("$random()") == environment().random.random()
    assert value("$random(7) = $random(7)") is True
    assert value("$uuid()") == value("$uuid()")
    assert value("$uuid()")[14] == "4"
    assert sorted(value("$shuffle([1, 2, 3])")) == [1, 2, 3]


def test_functions_of_the_service() -> None:
    """$partition, $range, $hash and $parse do as the developer guide says."""
    assert value("$partition([1, 2, 3, 4, 5], 2)") == [[1, 2], [3, 4], [5]]
    assert value("$range(0, 10, 2)") == [0, 2, 4, 6, 8, 10]
    assert value("$range(3, 1, -1)") == [3, 2, 1]
    assert value("$hash('content', 'SHA-256')") == hashlib.sha256(b"content").hexdigest()
    assert value("$parse('{\"a\": [1, null]}')") == {"a": [1, None]}
    assert value("$parse('[1e400, -1e400, 1e-400]')") == ["Infinity", "-Infinity", 0]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("$hash('a', 'CRC32')", "D3137: Invalid algorithm: CRC32"),
        ("$parse('{')", "D3137: Invalid JSON"),
        ("$parse('NaN')", "D3137: Invalid JSON"),
        ('$parse(\'{"a": 1, "a": 2}\')', "D3137: Invalid JSON"),
        ("$partition([1], 0)", "D3137: Argument 2 of function partition must be a positive number"),
        ("$partition([1], 'x')", 'T0410: Argument 2 of function "partition" does not match function signature'),
        ("$range(1)", 'T0410: Argument 2 of function "range" does not match function signature'),
        ("$uuid(1)", 'T0410: Argument 1 of function "uuid" does not match function signature'),
        ("$hash(1, 2, 3, 4)", 'T0410: Argument 1 of function "hash" does not match function signature'),
    ],
)
def test_wrong_arguments_are_failures(source: str, expected: str) -> None:
    """The functions of the service reject arguments that their signatures do not allow."""
    assert reason(source) == f"threw an error during evaluation. {expected}"


def test_exists_of_the_context() -> None:
    """$exists($) holds for a value there, which the library alone denies."""
    assert value("[1, 2].($exists($))") == [True, True]


def test_memory_is_bounded() -> None:
    """What takes more memory than Step Functions grants is rejected before it is computed."""
    assert value("$pad('foo', 5) & '|'") == "foo  |"
    assert value("$pad('foo', -5, '#')") == "##foo"
    for source in ("$pad('x', 1000000000)", "[1..873783]", "$range(1, 500000, 1)"):
        assert reason(source) == (
            "threw an error during evaluation: Expression evaluation memory limit exceeded: "
            "Check for excessive memory usage"
        )


def test_recursion_is_stopped() -> None:
    """Recursion without end is stopped by its depth, and a loop of tail calls by its time."""
    assert reason("($f := function($n) { 1 + $f($n + 1) }; $f(0))") == (
        "threw an error during evaluation: Stack overflow error: Check for non-terminating recursive function"
    )


def test_large_integers_and_lone_surrogates_are_taken() -> None:
    """What the library can't take is handed to it as the nearest that it can."""
    assert value("$x", x=2**70) == float(2**70)
    assert value("$length($x)", x="\ud800") == 1


def test_names_are_known_before_evaluation() -> None:
    """An expression tells the variables that it names, and which members of $states."""
    names = compile_expression("$states.input.a & $states . result & $x & '$no' & \"$no\" & `$no` /* $no */").names
    assert names.variables == frozenset({"x"})
    assert names.states == frozenset({"input", "result"})


def test_states_as_a_whole_needs_all_members() -> None:
    """$states without a member after it needs all of them."""
    assert compile_expression("$lookup($states, 'input')").names.states is None


def test_an_expression_serves_several_threads() -> None:
    """The library's compiled form belongs to a thread; each gets its own."""
    expression = compile_expression("$x + 1")
    results: list[Any] = [expression.evaluate({"x": 1}, environment())]
    thread = threading.Thread(target=lambda: results.append(expression.evaluate({"x": 2}, environment())))
    thread.start()
    thread.join()
    assert results == [2, 3]


def test_members_of_the_context_are_known() -> None:
    """What an expression does not name of the context need not be bound."""
    names = compile_expression("$states.context.Map.Item.Value & $states.context.Execution.Input.id").names
    assert (names.context, names.execution) == (frozenset({"Map", "Execution"}), frozenset({"Input"}))
    names = compile_expression("$states.context.Execution & $states.context.State.Name").names
    assert (names.context, names.execution) == (frozenset({"Execution", "State"}), None)
    assert compile_expression("$keys($states.context)").names.context is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("$orders[id = 2].name", "b"),
        ("$count($orders)", 2),
        ("$states.input.x + $small", 3),
        ("$states.context.Execution.Input.n", 7),
        ("$states.context.Execution.Name & $states.context.Map.Item.Value", "run5"),
        ("($orders := [1]; $count($orders))", 1),
        ("$map($orders, function($o) { $o.id + $small })", [2, 3]),
        ("orders", EvaluationFailure),
        ("$nope(1)", EvaluationFailure),
        ("$orders[0].none", EvaluationFailure),
        ("[null, $orders[0].id]", [None, 1]),
    ],
)
def test_shared_values_are_like_bound_ones(source: str, expected: Any) -> None:
    """Values that evaluations share behave like bound ones."""
    orders = [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]
    shared = Shared({"$orders": orders, "input": {"x": 2}, EXECUTION_INPUT: {"n": 7}}, environment())
    context = {"Execution": {"Name": "run"}, "Map": {"Item": {"Value": 5}}}
    bindings = {"small": 1, "states": {"context": context}}
    expression = compile_expression(source)
    if isinstance(expected, type):
        with pytest.raises(expected):
            expression.evaluate(bindings, environment(), shared)
    else:
        assert expression.evaluate(bindings, environment(), shared) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a[1,2)", 'Expected "]", got ","'),
        ('$match("a", /abc', "No terminating / in regular expression"),
        ("phone %.other", 'The symbol "." cannot be used as a unary operator'),
        ("1 2", "Syntax error: 2"),
        ("$x.0", "The literal value 0 cannot be used as a step within a path expression"),
        ("$a ?? $b", 'The symbol "?" cannot be used as a unary operator'),
        ("$a ?: $b", 'The symbol ":" cannot be used as a unary operator'),
        ('$match("ab", /(?:a)b??/)', None),
        ("$a ? $b : '??'", None),
    ],
)
def test_syntax_errors_are_worded_as_by_the_service(source: str, expected: str | None) -> None:
    """JSONata 2.0.6 has no `??` and no `?:`, but its regular expressions do."""
    assert syntax_error(source) == expected
