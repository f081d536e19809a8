"""What holds for every text: the oracles of the mutation fuzz.

`flowgen check` never crashes and its findings are inside the file. A workflow that it accepts compiles to a state
machine that the validator accepts and in which every variable is assigned before it is read; its template, its
generated code and a run of it end without an internal error. None of this imports or calls the project's code.
"""

from __future__ import annotations

import json
import re
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

import pytest

from flowgen.check import check_compiled_depth
from flowgen.check.dataflow.contracts import Contracts
from flowgen.diagnostics import CODES, Diagnostic
from flowgen.diagnostics.lines import split_lines
from flowgen.diagnostics.render import FORMATS, PLAIN
from flowgen.local.runtime_types import Task, TaskError
from flowgen.pipeline import Build, check_paths, definition, plan_python, template
from flowgen.pipeline.definitions import read_definition
from flowgen.running.program import of_workflow
from flowgen.running.runs import Options, run
from flowgen.types import Type
from tests.property.assignments import unassigned_reads
from tests.property.random_json import random_json

JSON = Any
SECONDS = 20.0
"""Processor time for one mutant. Not elapsed time, so a busy machine changes nothing."""
EVENTS = 400
"""Events after which a run ends. A mutant may loop for ever, and Step Functions itself stops at 25,000."""

_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_ANSWERS: tuple[JSON, ...] = (None, True, 0, 1.5, "a", [], [1, "a"], {}, {"a": None, "items": [1]})


class TooLongError(BaseException):
    """A mutant took more than `SECONDS`. Not an `Exception`, so that nothing else catches it."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raises TooLongError inside when the block has used that much processor time; no limit where there is no timer."""
    if not hasattr(signal, "SIGPROF"):
        yield
        return

    def end(_number: int, _frame: FrameType | None) -> None:
        raise TooLongError(f"more than {seconds} seconds")

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@pytest.fixture(scope="module", autouse=True)
def harmless() -> Iterator[None]:
    """Runs end early, and the handlers of a project are neither imported nor called."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("flowgen.local.execution.EVENT_LIMIT", EVENTS)
        patched.setattr("flowgen.local.execution.EXPRESS_EVENTS", EVENTS)
        patched.setattr("flowgen.local.child_executions.EVENT_LIMIT", EVENTS)
        patched.setattr("flowgen.pipeline.handlers", lambda _loaded: ({}, {}))
        yield


def problem(text: str, root: Path, file: str, seed: int) -> str | None:
    """What is wrong with flowgen, as the mutant `text` of the project at `root` shows it; None for nothing."""
    try:
        (root / file).write_bytes(text.encode())
        with limited(SECONDS):
            return next(_problems(text, root, file, seed), None)
    except (Exception, TooLongError) as error:  # noqa: BLE001 - any exception is a finding
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {str(error)[:300]} ({Path(last.filename).name}:{last.lineno} {last.name})"


def _problems(text: str, root: Path, file: str, seed: int) -> Iterator[str]:
    report = check_paths((file,), root)
    yield from _of_findings(report.diagnostics, report.sources, text, file)
    for loaded in report.loaded:
        yield from _of_machine(loaded)
        made, problems = template([loaded], "json")
        if made is not None:
            json.loads(made)
        yield from _of_codes(problems)
        yield from _of_generated(loaded)
        yield from _of_run(loaded, seed)


def _of_findings(found: tuple[Diagnostic, ...], sources: Any, text: str, file: str) -> Iterator[str]:
    yield from _of_codes(found)
    lines = split_lines(text.removeprefix("\ufeff"))
    for one in found:
        for span in (one.span, *(label.span for label in one.secondary)):
            if span is None or span.file != file:
                continue
            inside = span.start <= span.end and all(
                1 <= place.line <= len(lines) and 1 <= place.column <= len(lines[place.line - 1]) + 1
                for place in (span.start, span.end)
            )
            if not inside:
                yield f"{one.code} is at {span}, outside the file"
    for name, form in FORMATS.items():
        shown = form(list(found), sources, PLAIN)
        if _CONTROL.search(shown):
            yield f"the output as {name} has control characters: {shown!r}"


def _of_codes(found: Any) -> Iterator[str]:
    for one in found:
        if one.code not in CODES or one.code == "FG901" or not one.message:
            yield f"finding {one.code} {one.message!r}"


def _of_machine(loaded: Build) -> Iterator[str]:
    machine = definition(loaded)
    if machine != definition(loaded):
        yield "compiling twice gives two machines"
    read = read_definition("machine.asl.json", json.dumps(machine), express=loaded.workflow.type == "express")
    for one in read.diagnostics:
        if one.severity == "error":
            yield f"the validator refuses the machine: {one.message} {one.notes}"
    for name, variable in unassigned_reads(machine):
        yield f"the state {name} reads ${variable}, which some path does not assign"
    for deep in check_compiled_depth(loaded.workflow, machine):
        yield f"the machine is too deep: {deep.message}"


def _of_generated(loaded: Build) -> Iterator[str]:
    for _, plan in plan_python([loaded]):
        yield from _of_codes(plan.diagnostics)
        for change in plan.changes:
            if change.path.suffix == ".py":
                compile(change.text, str(change.path), "exec", dont_inherit=True)
            elif change.path.suffix == ".json" and change.text:
                json.loads(change.text)


def _of_run(loaded: Build, seed: int) -> Iterator[str]:
    rng = Random(seed)  # noqa: S311 - reproducible on purpose
    workflow = loaded.workflow
    parameters = {
        name: "5" if declared.type == "Number" else "text"
        for name, declared in workflow.parameters.items()
        if "Default" not in declared.content
    }
    program = replace(of_workflow(loaded, lambda _: None, parameters), tasks={})
    value = _value(rng, Contracts(workflow).sent(workflow.input))
    errors = [error.name for function in workflow.functions.values() for error in function.errors]

    def answer(*_: Any) -> JSON:
        if rng.random() < 0.2:
            raise TaskError(rng.choice([*errors, "States.TaskFailed", "Odd"]), "put in")
        return rng.choice(_ANSWERS)

    task = Task(answer, returns=True)
    outcome = run(program, value, Options(services=(lambda _: task,), seed=seed))
    if outcome.stopped is not None:
        yield f"the run stopped: {outcome.stopped.message}"
    ended = outcome.execution
    if ended.error == "States.Runtime" and not _EXPECTED.search(ended.cause or ""):
        yield f"the run ended with {ended.error}: {ended.cause}"
    json.dumps(ended.history)


_EXPECTED = re.compile("history events|cannot be negative|must be positive")
"""Causes that no type excludes: a run that is too long, and a computed count out of its range, as on AWS."""


def _value(rng: Random, type_: Type) -> JSON:
    """A value of a type; an empty object for a type that has none, such as one whose field requires itself."""
    try:
        return {} if type_.is_never else random_json(rng, type_)
    except RecursionError:
        return {}
