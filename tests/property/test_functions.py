"""Every function of JSONata, called with arguments of all kinds, against npm's jsonata 2.0.6: values and messages.

`FLOWGEN_FUNCTION_CALLS` is the number of calls, and `FLOWGEN_FUNCTION_SEED` the seed.
"""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import tomllib
from pathlib import Path
from random import Random
from typing import Any

import pytest

from flowgen.jsonata.aws_functions import Environment
from flowgen.jsonata.evaluate import compile_expression
from flowgen.jsonata.failures import UNDEFINED, UNSUPPORTED, EvaluationFailure

CALLS = int(os.environ.get("FLOWGEN_FUNCTION_CALLS", "3000"))
SEED = int(os.environ.get("FLOWGEN_FUNCTION_SEED", "0"))
NODE = Path(__file__).parents[1] / "node"

CALLED = tomllib.loads(Path(__file__).with_name("function_calls.toml").read_text(encoding="utf-8"))
KINDS = {kind[0]: kind for kind in CALLED["arguments"]} | {"a": "array", "r": "pattern", "p": "picture", "l": "atom"}
OPERATORS = ["+", "-", "*", "/", "%", "=", "!=", "<", "<=", ">", ">=", "&", "and", "or", "in"]

DIFFERENT = {
    r"\nerror T041[02]": "jsonata-js names the function that `$map` and its like call, and jlens these",
    r"\nerror (?!T|D|S)": "jsonata-js itself crashes",
    r"\$fromMillis\(1e2|1e2\d ~> \$fromMillis": "a date out of range, whose parts are NaN in jsonata-js",
    r"\$fromMillis\(.*, .*, ": "a time zone that is none, which jsonata-js ignores",
    r"\$fromMillis.*\[M,\*-3\]": "a month of up to three digits, which jsonata-js pads with zeros",
    r"1e2[01].*[$]format(?:Base|Number)|[$]format(?:Base|Number)\(1e2": "digits beyond those of a double",
    r"0x1F.*parseInteger|parseInteger\(\"0x1F": "jsonata-js reads the text with JavaScript's Number, hexadecimal too",
    r"\$formatInteger.*#,##0.00": "a picture of decimals, of which jsonata-js leaves out the zero",
}
"""Expressions and what jsonata-js makes of them, where the evaluators differ, and why."""


def made(rng: Random) -> str:
    if rng.random() < 0.15:
        left, right = argument(rng, "x"), argument(rng, "x")
        return f"{left} {rng.choice(OPERATORS)} {right}" if "/" not in (left[0], right[0]) else made(rng)
    name, kinds = rng.choice(list(CALLED["functions"].items()))
    count = len(kinds) if rng.random() < 0.75 else rng.randint(0, len(kinds) + 1)
    arguments = [argument(rng, (kinds + "x")[index]) for index in range(count)]
    if arguments and rng.random() < 0.08:
        return f"{arguments[0]} ~> ${name}({', '.join(arguments[1:])})"
    return f"${name}({', '.join(arguments)})"


def argument(rng: Random, kind: str) -> str:
    if kind != "w" and rng.random() < 0.12:
        kind = rng.choice("snaolp")
    kind = rng.choice("snaol") if kind == "x" else kind
    return str(rng.choice(CALLED["arguments"][KINDS[kind]]))


@pytest.mark.needs("node")
def test_functions_answer_as_in_the_reference_implementation() -> None:
    """Values are the same, and errors have the same code and the same words."""
    rng = Random(SEED)  # noqa: S311 - reproducible on purpose
    expressions = [made(rng) for _ in range(CALLS)]
    requests = "".join(json.dumps({"expression": expression}) + "\n" for expression in expressions)
    done = subprocess.run(
        ["node", NODE / "evaluate.js"],  # noqa: S607 - whichever node is on the PATH
        input=requests,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    different = []
    for expression, line in zip(expressions, done.stdout.splitlines(), strict=True):
        theirs, ours = json.loads(line), native(expression)
        if "error" in theirs:
            shown = f"error {theirs['error']}"
            theirs = {"error": f"threw an error during evaluation. {theirs['error']}: {theirs['message']}"}
        else:
            shown = "value"
        known = any(re.search(pattern, f"{expression}\n{shown}") for pattern in DIFFERENT)
        if not known and not same(theirs, ours):
            different.append(f"{expression}\n  {theirs}\n  {ours}")
    assert "\n".join(different) == ""


def native(expression: str) -> dict[str, Any]:
    try:
        environment = Environment(Random(1), lambda: 0)  # noqa: S311 - no call asks for chance
        return {"value": compile_expression(expression).evaluate({}, environment)}
    except EvaluationFailure as failure:
        if failure.reason == UNDEFINED:
            return {"nothing": True}
        return {"function": True} if failure.reason == UNSUPPORTED else {"error": failure.reason}


def same(theirs: Any, ours: Any) -> bool:
    """Whether two values are equal; of numbers, 15 digits: the last two depend on the platform's mathematics."""
    match theirs, ours:
        case (bool(), _) | (_, bool()):
            return theirs is ours
        case (int() | float(), int() | float()):
            return math.isclose(theirs, ours, rel_tol=1e-15)
        case (list(), list()):
            return len(theirs) == len(ours) and all(map(same, theirs, ours))
        case (dict(), dict()):
            return theirs.keys() == ours.keys() and all(same(theirs[name], ours[name]) for name in theirs)
        case _:
            return bool(theirs == ours)
