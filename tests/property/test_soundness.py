"""What inference says of an expression holds when it is evaluated.

For random types, values of them and random expressions: the value is of the inferred type, nothing only comes where the
type reports it, and an error only where a problem warned of one. `FLOWGEN_SOUNDNESS_PAIRS` is the number of pairs for
each evaluator; the nightly run sets it to 100000, and `FLOWGEN_SOUNDNESS_FIRST`, the first seed, to what it likes.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from flowgen.jsonata.aws_functions import Environment as World
from flowgen.jsonata.evaluate import compile_expression
from flowgen.jsonata.failures import UNDEFINED, UNSUPPORTED, EvaluationFailure
from flowgen.jsonata.inference import Environment, Inference, Kind, infer
from flowgen.jsonata.parsing import ExpressionParser, SyntaxFailure
from flowgen.types import NEVER, Array, Type, contains, expand, show
from flowgen.types.algebra import WRAPPER
from tests.property.expressions import Expressions
from tests.property.random_types import random_type, random_value

PAIRS = int(os.environ.get("FLOWGEN_SOUNDNESS_PAIRS", "2000"))
FIRST = int(os.environ.get("FLOWGEN_SOUNDNESS_FIRST", "0"))
NODE = Path(__file__).parents[1] / "node"

NOT_FINITE = re.compile(r'"(?:-?Infinity|NaN)"')
CODE = re.compile(r"[STD]\d{4}")

_IDIOMS = 0.3
"""The share of expressions that people write, among random ones."""

Answer = dict[str, Any]
"""What an evaluator says: `value`, `nothing`, `function` or `error`."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An expression, and what it is evaluated with."""

    text: str
    types: dict[str, Type]
    values: dict[str, Any]
    context: Type | None
    input: Any

    def environment(self) -> Environment:
        if self.context is None:
            return Environment(self.types)
        if isinstance(self.input, list):
            return Environment(self.types, Type(parts=(Array((self.context,), NEVER, 1, 1, WRAPPER),)))
        whole = expand(self.context)
        others = tuple(part for part in whole.parts if not isinstance(part, Array))
        return Environment(self.types, replace(whole, parts=others))


def pair(seed: int, *, with_input: bool) -> Pair:
    rng = Random(seed)  # noqa: S311 - reproducible on purpose
    types = {name: random_type(rng) for name in ("x", "y")}
    values = {name: random_value(rng, type_) for name, type_ in types.items()}
    context = random_type(rng) if with_input and rng.random() < 0.4 else None
    given = None if context is None else random_value(rng, context)
    made = Expressions(rng, types, context)
    text = made.idiom() if rng.random() < _IDIOMS else made.expression(rng.choice((1, 2, 3)))
    return Pair(text, types, values, context, given)


def is_sound(found: Inference, answer: Answer) -> bool:
    warned = any(problem.may_fail for problem in found.problems)
    if "value" in answer:
        # The type includes a division by zero where it is the whole value; elsewhere only the problem reports it.
        divided = any(problem.kind is Kind.DIVISION for problem in found.problems)
        not_finite = found.type.is_never or NOT_FINITE.search(json.dumps(answer)) is not None
        return contains(found.type, answer["value"]) or (divided and not_finite)
    if "nothing" in answer:
        return found.type.may_be_absent
    if "function" in answer:
        # What is not a JSON value: a function, or sometimes a number.
        return warned or found.type.is_any or "function" in show(found.type)
    return warned


def unsound(evaluate: Callable[[Pair], Answer], skip: Callable[[Pair, Inference], bool], *, with_input: bool) -> str:
    """The shortest five unsound expressions among `PAIRS`, as text; empty if all are sound."""
    parser = ExpressionParser()
    wrong: list[tuple[int, str]] = []
    for seed in range(FIRST, FIRST + PAIRS):
        made = pair(seed, with_input=with_input)
        syntax = parser.parse(made.text)
        if isinstance(syntax, SyntaxFailure):
            continue
        found = infer(made.text, syntax.tree, made.environment())
        if skip(made, found):
            continue
        answer = evaluate(made)
        if not is_sound(found, answer):
            lines = [f"seed {seed}: {made.text}", f"  type {found.type}, got {json.dumps(answer)[:300]}"]
            lines += [f"  ${name}: {type_} = {json.dumps(made.values[name])}" for name, type_ in made.types.items()]
            wrong.append((len(made.text), "\n".join(lines)))
    return "\n".join(text for _, text in sorted(wrong)[:5])


def test_types_hold_in_the_evaluator_that_runs_workflows_here() -> None:
    """Values, nothing and errors are as inferred, by the evaluator of the runner."""

    def skip(_: Pair, found: Inference) -> bool:
        # 2.0.6 ignores a predicate after `~> f(…)`, and this evaluator does not. A division by zero inside an
        # expression is an error in jsonata-js and goes on as a value here; nothing after it is certain.
        return any(problem.kind in (Kind.IGNORED, Kind.DIVISION) for problem in found.problems)

    assert unsound(native, skip, with_input=False) == ""


def native(made: Pair) -> Answer:
    """What the evaluator of the runner answers."""
    world = World(Random(1), lambda: 0)  # noqa: S311 - reproducible on purpose
    try:
        return {"value": compile_expression(made.text).evaluate(made.values, world)}
    except EvaluationFailure as failure:
        if failure.reason == UNDEFINED:
            return {"nothing": True}
        return {"function": True} if failure.reason == UNSUPPORTED else {"error": failure.reason}


@contextmanager
def reference() -> Iterator[Callable[[Pair], Answer]]:
    """The reference implementation, 2.0.6, in its own process."""
    with subprocess.Popen(
        ["node", NODE / "evaluate.js"],  # noqa: S607 - whichever node is on the PATH
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        requests, answers = process.stdin, process.stdout

        def evaluate(made: Pair) -> Answer:
            request = {"expression": made.text, "bindings": made.values}
            if made.context is not None:
                request["input"] = made.input
            requests.write(json.dumps(request) + "\n")
            requests.flush()
            answer: Answer = json.loads(answers.readline())
            return answer

        yield evaluate
        requests.close()


@pytest.mark.needs("node")
def test_types_hold_in_the_reference_implementation() -> None:
    """Values, nothing and errors are as inferred, by the version of JSONata that Step Functions runs."""

    def skip(_: Pair, found: Inference) -> bool:
        # Grouping an empty array leaves an item in that very array, wherever else it is: no type shows that.
        return any(problem.kind is Kind.GROUPS_EMPTY for problem in found.problems)

    with reference() as evaluate:
        assert unsound(evaluate, skip, with_input=True) == ""


def is_uncertain(made: Pair) -> bool:
    """Whether a warning reports it: the result of a division by zero, and empty arrays that jsonata-js fills."""
    syntax = ExpressionParser().parse(made.text)
    if isinstance(syntax, SyntaxFailure):
        return False
    found = infer(made.text, syntax.tree, made.environment())
    return any(problem.kind in (Kind.DIVISION, Kind.GROUPS_EMPTY) for problem in found.problems)


@pytest.mark.needs("node")
def test_values_and_failures_are_those_of_the_reference_implementation() -> None:
    """Both evaluators give the same values, and the same errors in the same words."""
    different = []
    with reference() as evaluate:
        for seed in range(FIRST, FIRST + PAIRS):
            made = pair(seed, with_input=False)
            if RANDOM.search(made.text):
                continue
            theirs, ours = evaluate(made), native(made)
            if "error" in theirs:
                if CODE.fullmatch(theirs["error"]) is None:
                    continue  # jsonata-js itself crashes
                theirs = {"error": f"threw an error during evaluation. {theirs['error']}: {theirs['message']}"}
            if "error" in theirs and "error" in ours and CONCURRENT.search(made.text):
                continue
            if FILLS_EMPTY.search(made.text):
                theirs = json.loads(json.dumps(theirs).replace("[null]", "[]"))
                ours = json.loads(json.dumps(ours).replace("[null]", "[]"))
            if (
                theirs != ours
                and not any(pattern.search(made.text) for pattern in DIFFERENT)
                and not is_uncertain(made)
            ):
                different.append(f"seed {seed}: {made.text}\n  {theirs}\n  {ours}")
    assert different == []


RANDOM = re.compile(r"\$(?:random|uuid|shuffle|now|millis)\b")

DIFFERENT = (
    re.compile(
        r"\|[^|]*\$\s*[,}):\[]"
    ),  # a transform that puts an object into itself: no JSON, and none of our concern
    re.compile(r"[(,]\s*\?\s*[,)]"),  # jsonata-js skips the signature of a built-in that is applied partially
    re.compile(r"\b(?:and|or)\b"),  # jsonata-js names the operator in the error of a function to its right
)
"""Where the evaluators differ, and why that is left."""

FILLS_EMPTY = re.compile(r"[{|]")
"""jsonata-js leaves `undefined` in an empty array that it groups or transforms."""

CONCURRENT = re.compile(r"[\[{].*,|\] /")
"""jsonata-js evaluates the items of a constructor concurrently, so another error may come first. After `[]` it
reads a regular expression, which its message shows as `{}`."""
