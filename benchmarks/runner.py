"""The runner compared with moto's interpreter and the npm package `aws-local-stepfunctions`, and its scaling.

`python -m benchmarks.runner`, from the project's folder, after `npm install --prefix benchmarks`. Ends with 1 where the
goals are missed: 50 times moto, and ahead of the npm package on the loop and the map.
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.runner_machines import Case, compared, endless_loop, many_retries, many_waits, wide_map
from flowgen.local import compile_machine, execute

JSON = Any
MOTO_GOAL = 50
MOTO_ROUNDS = 3
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Row:
    """States entered per second; None if the output differs or the run failed."""

    case: Case
    flowgen: float
    with_history: float
    moto: float
    npm: float | None
    npm_problem: str = ""


def main() -> int:
    """Runs and prints the measurements; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="runs of each machine, the best of which counts")
    parser.add_argument("--only", choices=("comparison", "scaling"), help="one of the two tables")
    arguments = parser.parse_args()
    problems: list[str] = []
    if arguments.only != "scaling":
        cases = compared()
        npm = _npm(cases, arguments.rounds)
        rows = [_row(case, arguments.rounds, answer) for case, answer in zip(cases, npm, strict=True)]
        print(_table(rows), end="\n\n")
        problems = [problem for row in rows for problem in _missed(row)]
    if arguments.only != "comparison":
        print(_scaling())
    for problem in problems:
        print(f"MISSED: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _row(case: Case, rounds: int, npm: JSON) -> Row:
    machine = compile_machine(case.definition)

    def run() -> JSON:
        return execute(machine, case.input).output

    def run_and_tell() -> JSON:
        execution = execute(machine, case.input)
        execution.history  # noqa: B018 - the events are made when they are asked for
        return execution.output

    speed = case.entered / min(_seconds(run, case.output, rounds))
    told = case.entered / min(_seconds(run_and_tell, case.output, rounds))
    problem = npm["error"] or ("" if npm["output"] == case.output else "another output")
    other = None if problem else case.entered / min(npm["seconds"])
    return Row(case, speed, told, case.entered / _moto_seconds(case), other, problem)


def _seconds(run: Callable[[], JSON], wanted: JSON, rounds: int) -> list[float]:
    """The seconds of each round after a warm-up round. Raises RuntimeError for an unexpected output."""
    seconds = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        output = run()
        seconds.append(time.perf_counter() - start)
        if output != wanted:
            raise RuntimeError(f"the output is {output!r}, not {wanted!r}")
    return seconds[1:]


def _moto_seconds(case: Case) -> float:
    """The seconds of moto, without parsing the definition.

    moto has no JSONata evaluator. It uses the native one of flowgen, without limits or bindings: moto writes the values
    of variables into the expression. Both therefore pay for the same library, and moto pays less for each call than
    with LocalStack's evaluator, which calls a JVM.
    """
    import jlens

    from tests.conformance import moto_interpreter

    with moto_interpreter.interpreter(
        lambda text: jlens.Expression(text).evaluate(None), lambda _arn, payload: payload
    ):
        program = moto_interpreter.parse(case.definition)
        return min(_seconds(lambda: moto_interpreter.run(program, case.input).output, case.output, MOTO_ROUNDS))


def _npm(cases: list[Case], rounds: int) -> list[JSON]:
    given = {"rounds": rounds, "cases": [{"definition": case.definition, "input": case.input} for case in cases]}
    command = ["node", str(HERE / "runner_npm.mjs")]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        problem = done.stderr.strip().splitlines()
        print(f"npm: not run: {problem[-1] if problem else 'no reason given'}", file=sys.stderr)
        return [{"seconds": [], "output": None, "error": "not run"} for _ in cases]
    answers: list[JSON] = json.loads(done.stdout)
    return answers


def _table(rows: list[Row]) -> str:
    lines = [
        "States entered in a second, the history recorded; in the second column it is read as JSON, too.",
        "",
        "| machine | | flowgen | history read | moto | npm | times moto | times npm |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        npm = row.npm_problem.partition(":")[0] if row.npm is None else f"{row.npm:,.0f}"
        times = "" if row.npm is None else f"{row.flowgen / row.npm:.1f}"
        lines.append(
            f"| {row.case.name} | {row.case.language} | {row.flowgen:,.0f} | {row.with_history:,.0f} | "
            f"{row.moto:,.0f} | {npm} | {row.flowgen / row.moto:,.0f} | {times} |"
        )
    return "\n".join(lines)


def _missed(row: Row) -> list[str]:
    missed = []
    if row.flowgen < MOTO_GOAL * row.moto:
        missed.append(f"{row.case.name}, {row.case.language}: {row.flowgen / row.moto:.0f} times moto")
    # It keeps no history; ours counts here as it is read.
    if row.npm is not None and not row.case.name.endswith("Pass states") and row.with_history < row.npm:
        missed.append(f"{row.case.name}, {row.case.language}: {row.with_history / row.npm:.1f} times npm")
    return missed


def _scaling() -> str:
    lines = ["| what | seconds of CPU | each | memory kept | at its peak |", "| --- | ---: | ---: | ---: | ---: |"]
    for distributed in (False, True):
        name = "distributed Map" if distributed else "inline Map, express"
        kind = "STANDARD" if distributed else "EXPRESS"
        lines += [
            _grown(f"{name}, {items:,} items", wide_map(items, distributed=distributed), items, kind)
            for items in (12_500, 25_000, 50_000, 100_000)
        ]
    lines.append(_grown("loop to the limit of 25,000 events", endless_loop(), 6_250, "STANDARD", {"n": 0}))
    lines.append(_grown("loop to the limit of 1,000,000 events, express", endless_loop(), 250_000, "EXPRESS", {"n": 0}))
    lines.append(_grown("a year in waits of 90 minutes", many_waits(5_839, 5_400), 5_839, "STANDARD"))
    lines.append(_grown("10,000 retries, a minute apart", many_retries(10, 1_000), 10_000, "STANDARD"))
    return "\n".join(lines)


class Busy(Exception):  # noqa: N818 - the name of the error that the task fails with
    """Raised by the task that always fails."""


def _busy(_event: JSON) -> JSON:
    raise Busy


def _grown(name: str, definition: dict[str, JSON], count: int, kind: str, given: JSON = None) -> str:
    machine = compile_machine(definition)

    def run() -> object:
        return execute(machine, given, machine_type=kind, tasks={"busy": _busy})

    seconds = []
    for _ in range(3):
        gc.collect()
        start = time.process_time()
        execution = run()
        seconds.append(time.process_time() - start)
        del execution
    tracemalloc.start()
    execution = run()
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del execution
    each = min(seconds) / count * 1e6
    return f"| {name} | {min(seconds):.2f} | {each:.1f} µs | {kept / count:,.0f} B | {peak / count:,.0f} B |"


if __name__ == "__main__":
    sys.exit(main())
