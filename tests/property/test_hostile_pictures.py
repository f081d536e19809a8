"""Hostile arguments of functions that read pictures: no panic, bounded memory and time, in `check` and in `run`.

`FLOWGEN_PICTURE_CALLS` is the number of calls. They run in a process with limits, because a native library that takes
too much ends the process.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from random import Random

import pytest

from flowgen.jsonata.aws_functions import LONGEST_PICTURE, Environment
from flowgen.jsonata.evaluate import Expression, compile_expression, trial
from flowgen.jsonata.failures import EvaluationFailure
from flowgen.pipeline import check_text

CALLS = int(os.environ.get("FLOWGEN_PICTURE_CALLS", "4000"))
MEMORY = 200 * 2**20  # bytes, in addition to those of an evaluator that has done nothing

FUNCTIONS = {
    "formatInteger": "np",
    "formatNumber": "npo",
    "fromMillis": "npz",
    "now": "pz",
    "parseInteger": "sp",
    "toMillis": "sp",
    "pad": "sns",
    "formatBase": "nn",
    "round": "nn",
    "power": "nn",
    "substring": "snn",
    "split": "ssn",
    "replace": "sssn",
}
WIDTHS = ["0", "1", "-1", "*-9", "99999", "1500000000", "99999999999999", "1-99999999999999999999", "*-*", "é", ""]
CHARACTERS = "0#,.;%‰eE9[]YMDdFWwXxCPHhmsfZzIiAaNnWw1*- é日\U0001f600\u0660\u0000"
NUMBERS = [
    0,
    -1,
    1,
    0.1,
    1e15,
    9007199254740993,
    -8.64e15,
    8.64e15,
    1e21,
    1e300,
    -1e300,
    5e-324,
    2147483648,
    -2147483649,
]


def picture(rng: Random) -> str:
    match rng.randrange(4):
        case 0:
            marker = rng.choice("YMDdFWwXxCPHhmsfZzé")
            return f"[{marker}{rng.choice(['', '0001', 'w', 'I', 'Nn', 'a', '*'])},{rng.choice(WIDTHS)}]"
        case 1:
            return "".join(rng.choices(CHARACTERS, k=rng.randrange(12)))
        case 2:
            return rng.choice(["0", "#", "0,", "#,", "[Y]", "[f,99999]", "é"]) * rng.choice([1, 400, 100_000])
        case _:
            return rng.choice(["w", "W", "Ww", "I", "i", "A", "a", "0", "w;o", "I;c", "#0.0##e0", ";", "0;0;0"])


def argument(rng: Random, kind: str) -> object:
    match kind:
        case "n":
            return rng.choice(NUMBERS)
        case "p":
            return picture(rng)
        case "z":
            return rng.choice(["+0100", "-9999", "+99999999999", "Z", "é", "", "0"])
        case "o":
            names = ["decimal-separator", "grouping-separator", "zero-digit", "digit", "percent", "minus-sign"]
            return {rng.choice(names): rng.choice(["", "é", "0", "#", "xx", "\U0001f600"])}
        case _:
            return rng.choice(["", "a", "MMXX", "one thousand", "2020-400", "1" * 30_000, "M" * 30_000, picture(rng)])


def call(rng: Random) -> tuple[str, dict[str, object]]:
    name, kinds = rng.choice(list(FUNCTIONS.items()))
    given = {f"a{index}": argument(rng, kind) for index, kind in enumerate(kinds)}
    return f"${name}({', '.join(f'${one}' for one in given)})", given


def environment() -> Environment:
    return Environment(Random(0), lambda: 0)  # noqa: S311 - expressions here ask for no secret


def run(first: int, count: int) -> dict[str, object]:
    """Make calls; return the memory that they took, in bytes, and the slowest call."""
    world = environment()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    slowest = (0.0, "")
    for index in range(first, first + count):
        text, given = call(Random(index))  # noqa: S311 - a seed for each call
        expression: Expression = (trial if index % 2 else compile_expression)(text)
        start = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        with suppress(EvaluationFailure):
            expression.evaluate(given, world)
        taken = resource.getrusage(resource.RUSAGE_SELF).ru_utime - start
        slowest = max(slowest, (taken, f"{text} {json.dumps(given)[:100]}"))
    return {"memory": 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before), "slowest": slowest}


def test_hostile_arguments_neither_panic_nor_take_much() -> None:
    """The process ends only if each call ends with a value or a failure of the evaluation."""
    code = f"import json; from tests.property.test_hostile_pictures import run; print(json.dumps(run(0, {CALLS})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "panicked" not in done.stderr
    found = json.loads(done.stdout)
    assert found["memory"] <= MEMORY, found


@pytest.mark.parametrize("name", ["formatInteger", "formatNumber", "fromMillis", "parseInteger", "toMillis"])
@pytest.mark.parametrize("compiled", [compile_expression, trial])
def test_a_long_picture_never_reaches_the_library(name: str, compiled: Callable[[str], Expression]) -> None:
    """Its work would grow with the square of the length, and its clock is not looked at."""
    given = {"x": "1" if name in ("parseInteger", "toMillis") else 1, "picture": "0," * LONGEST_PICTURE + "0"}
    with pytest.raises(EvaluationFailure, match="memory limit exceeded"):
        compiled(f"[${name}($x, $picture)]").evaluate(given, environment())


@pytest.mark.parametrize("width", ["99999", "1500000000", "99999999999999"])
@pytest.mark.parametrize("marker", ["f", "Y"])
def test_check_survives_wide_pictures(marker: str, width: str) -> None:
    """A picture that is too wide to try out may fail."""
    call = f"$fromMillis(0, '[{marker},{width}]')"
    found = check_text(f'flowgen: 1\nname: w\noutput: any\nsteps:\n  - {{id: a, set: "${{ {call} }}"}}\n')
    assert [one.code for one in found] == ([] if width == "99999" else ["FG307"])
