"""The short way to evaluate the simplest expressions gives what the long way gives."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from flowgen.jsonata.aws_functions import Environment
from flowgen.jsonata.direct import direct_form
from flowgen.jsonata.evaluate import compile_expression
from flowgen.jsonata.failures import EvaluationFailure
from flowgen.jsonata.names import names_of

OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "&", " and ", " or ", " in ")
LITERALS = ("0", "1", "2.5", "999999999999999", '"a"', "'$states.input.a'", '""', "true", "false", "null")
MEMBERS = ("a", "b", "and", "in", "true", "input")
ATOMS = (0, 1, -3, 2.5, 10**15, 2**53 + 1, 2**70, 1e300, "", "a", "10", True, False, None)


def operand(rng: random.Random, *, only_input: bool) -> str:
    if rng.random() < 0.3:
        return rng.choice(LITERALS)
    root = "$states.input" if only_input or rng.random() < 0.3 else rng.choice(("$a", "$b", "$states.result"))
    return ".".join([root, *rng.choices(MEMBERS, k=rng.randrange(3))])


def value(rng: random.Random, depth: int = 3) -> Any:
    kind = rng.random()
    if depth and kind < 0.4:
        return {name: value(rng, depth - 1) for name in rng.sample(MEMBERS, rng.randrange(4))}
    if depth and kind < 0.6:
        return [value(rng, depth - 1) for _ in range(rng.randrange(3))]
    return rng.choice(ATOMS)


def outcome(evaluate: Callable[..., Any], given: Any, **options: bool) -> str:
    try:
        return json.dumps(evaluate(given, environment(), **options))
    except EvaluationFailure as failure:
        return failure.reason


def environment() -> Environment:
    return Environment(random.Random(0), lambda: 0)  # noqa: S311 - reproducible on purpose


@pytest.mark.parametrize("seed", range(8))
def test_both_ways_have_the_same_outcome(seed: int) -> None:
    """Parentheses around an expression change only the way it is evaluated."""
    rng = random.Random(seed)  # noqa: S311 - reproducible on purpose
    for _ in range(40):
        only_input = rng.random() < 0.5
        operands = [operand(rng, only_input=only_input) for _ in range(rng.choice((1, 2, 2, 3)))]
        source = operands[0] + "".join(f" {rng.choice(OPERATORS)} {one}" for one in operands[1:])
        assert direct_form(source, names_of(source)) is not None
        assert direct_form(f"({source})", names_of(f"({source})")) is None
        short, long = compile_expression(source), compile_expression(f"({source})")
        for _ in range(5):
            given = value(rng)
            bindings = {"states": {"input": given, "result": value(rng)}, "a": value(rng), "b": value(rng)}

            expected = outcome(long.evaluate, bindings)

            assert outcome(short.evaluate, bindings) == expected, (source, bindings)
            if only_input:
                assert outcome(short.of_input, given, no_long_integers=False) == expected, (source, given)


@pytest.mark.parametrize(
    "source",
    ["n", "$", "$$", "$.n", "$$.n", "*", "$states.input.*", "$a[0]", "$f(1)", "$a.$b", "$sum", "1 +", "1.e", "$a/2"],
)
def test_what_needs_the_long_way(source: str) -> None:
    """Names without `$`, the context, functions, predicates and divisions are not simple."""
    assert direct_form(source, names_of(source)) is None


def test_strings_keep_their_text() -> None:
    """A variable's name inside a string stays as it is."""
    assert compile_expression("'$a' & $a").evaluate({"a": 1}, environment()) == "$a1"
