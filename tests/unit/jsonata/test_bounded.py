"""Evaluations are bounded in memory and time, wherever their memory goes; those that fit have their values."""

from __future__ import annotations

import subprocess
import sys
from random import Random

import pytest

from flowgen.jsonata import bounded
from flowgen.jsonata.aws_functions import Environment
from flowgen.jsonata.evaluate import LIMITS, SMALL, Expression, Shared, compile_expression
from flowgen.jsonata.failures import EvaluationFailure

MEMORY = "Expression evaluation memory limit exceeded"

HUNGRY = {
    "ranges": "$count($map([1..800000], function($x) { [1..800000] }))",
    "strings": "($b := $pad('', 4000000, 'x'); $count($map([1..8000], function($x) { $b & $x })))",
    "copies": "($b := [1..800000]; $count($map([1..80000], function($x) { [$b] })))",
    "appended": "($b := [1..100000]; $count($map([1..80000], function($x) { $append($b, $x) })))",
    "objects": "$count($map([1..800000], function($x) { {'a': $x, 'b': [$x], 'c': {'d': $x}} }))",
    "small arrays": "($b := [1..19000]; $count($map([1..19000], function($x) { [$b] })))",
    "small strings": "($b := $pad('', 90000, 'x'); $count($map([1..19000], function($x) { $b & $x })))",
}

PROGRAM = """
import resource, sys
from random import Random
from flowgen.jsonata.aws_functions import Environment
from flowgen.jsonata.evaluate import compile_expression
from flowgen.jsonata.failures import EvaluationFailure
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    compile_expression(sys.argv[1]).evaluate({}, Environment(Random(1), lambda: 0))
except EvaluationFailure as failure:
    print(failure.reason)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""


def world(seed: int = 1) -> Environment:
    return Environment(Random(seed), lambda: 1_700_000_000_000)  # noqa: S311 - reproducible on purpose


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux counts it")
@pytest.mark.parametrize("expression", HUNGRY.values(), ids=HUNGRY)
def test_an_evaluation_does_not_take_gigabytes(expression: str) -> None:
    """Neither in this process nor in the one that evaluates large expressions, which a busy machine may end late."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, expression], capture_output=True, text=True, check=True)
    reason, own, other = done.stdout.splitlines()
    assert MEMORY in reason
    assert int(own) < 2**30
    assert int(other) < 2**30


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$sum([1..800000])", 320_000_400_000),
        ("$length($pad('', 4000000, 'x'))", 4_000_000),
        ("$count($map([1..50000], function($x) { $x }))", 50_000),
        ("$count([1..100000][$ % 2 = 0]) + $given", 50_001),
        ("$count($append([1..30000], $many))", 60_000),
        ("$states.input.a & $length($pad('', 200000, 'x'))", "b200000"),
    ],
)
def test_large_evaluations_have_their_values(expression: str, value: object) -> None:
    bindings = {"given": 1, "many": list(range(30_000)), "states": {"input": {"a": "b"}}}
    assert compile_expression(expression).evaluate(bindings, world()) == value


def test_shared_values_reach_large_evaluations() -> None:
    environment = world()
    shared = Shared({"$rows": list(range(30_000)), "input": {"n": 2}}, environment)
    expression = compile_expression("$count($append($rows, $rows)) + $states.input.n + $count([1..50000])")
    assert expression.evaluate({"states": {"context": {}}}, environment, shared) == 110_002


def test_large_evaluations_use_the_same_random_numbers() -> None:
    """Whether an evaluation is large changes neither what it draws nor what the next one does."""
    drawn = "[$uuid(), $random(), $shuffle([1..20])"
    small, large = world(7), world(7)
    first = compile_expression(f"{drawn}]").evaluate({}, small)
    second = compile_expression(f"{drawn}, $count([1..100000])]").evaluate({}, large)
    assert second == [*first, 100_000]
    assert small.random.getstate() == large.random.getstate()


def test_failures_of_large_evaluations_are_those_of_small_ones() -> None:
    for tail, reason in (("+ 'a'", "T2002"), ("/ $nope", "returned nothing"), ("; $error('no')", "D3137")):
        with pytest.raises(EvaluationFailure) as failed:
            compile_expression(f"($count([1..100000]) {tail})").evaluate({}, world())
        assert reason in failed.value.reason


def test_what_never_ends_is_ended() -> None:
    expression = Expression("($f := function() { $f() }; $f())", SMALL)
    with pytest.raises(EvaluationFailure, match="Expression evaluation timeout"):
        bounded.evaluate(expression.source, {**LIMITS, "timeout": 0.2}, {}, None, world())


def test_after_one_that_was_ended_the_next_one_works() -> None:
    with pytest.raises(EvaluationFailure, match=MEMORY):
        compile_expression(HUNGRY["ranges"]).evaluate({}, world())
    assert compile_expression("$count([1..100000])").evaluate({}, world()) == 100_000


def test_long_integers_survive() -> None:
    given = {"long": 9_007_199_254_740_993}
    assert compile_expression("[$long, $count([1..100000])]").evaluate(given, world()) == [given["long"], 100_000]
