"""Machines that people published: each gets a verdict with reasons, and runs to an end over made-up task results."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from flowgen.asl.validation import validate
from flowgen.local import Execution, Task, TaskError, compile_machine, execute
from flowgen.local.failures import InvalidDefinition
from flowgen.local.runtime_types import Request

JSON = Any

STATUSES = {"SUCCEEDED", "FAILED", "TIMED_OUT"}
RUNS = ("plain", "error", "timeout", "random")
"""What the tasks of a run come to: each an object, each a declared kind of error, each nothing, any of these."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each machine."""
    if "machine" not in metafunc.fixturenames:
        return
    given = metafunc.config.getoption("--corpus")
    if given is None:
        metafunc.parametrize("machine", [pytest.param(None, marks=pytest.mark.skip(reason="needs --corpus DIR"))])
        return
    files = sorted((Path(given) / "asl").glob("*.json"))
    machines = [file for file in files if file.name != "index.json"]
    metafunc.parametrize("machine", machines, ids=[file.stem[-40:] for file in machines])


def mock(kind: str, seed: int) -> Any:
    """What answers the tasks of a run."""
    source = random.Random(seed)  # noqa: S311 - the same each time

    def answer(request: Request) -> Task:
        chosen = source.choice(RUNS[:3]) if kind == "random" else kind
        if chosen == "timeout":
            return Task(lambda _arguments: None, seconds=float("inf"))
        if chosen == "error":
            error = source.choice(("States.TaskFailed", "Lambda.ServiceException", "CustomError", "States.Timeout"))
            return Task(lambda _arguments: _fail(error))
        return Task(lambda _arguments: made(request, source))

    return answer


def _fail(error: str) -> JSON:
    raise TaskError(error, "made up")


def made(request: Request, source: random.Random) -> JSON:
    """A task's result: an object with the names that results often have."""
    return {
        "Payload": {"status": source.choice(("SUCCEEDED", "FAILED", "RUNNING")), "body": {"items": [1, 2]}},
        "Status": source.choice(("SUCCEEDED", "FAILED", "RUNNING", "ACTIVE")),
        "StatusCode": source.choice((200, 500)),
        "Items": [{"id": {"S": "1"}}],
        "of": request.state,
    }


def run(definition: JSON, kind: str, seed: int) -> Execution:
    """One run. S3 holds nothing, so that what reads from it fails."""
    given = {"items": [1, 2], "id": "1", "detail": {"bucket": {"name": "b"}, "object": {"key": "k"}}}
    return execute(definition, given, mock=mock(kind, seed), seed=seed)


def refused(definition: JSON) -> InvalidDefinition | None:
    """Why the runner does not take a definition, if it does not."""
    try:
        compile_machine(definition)
    except InvalidDefinition as reason:
        return reason
    return None


def at(definition: JSON, pointer: str) -> JSON:
    """The value at a JSON pointer, or the nearest one above it that is there."""
    value = definition
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        inner = value.get(key) if isinstance(value, dict) else None
        if inner is None:
            return value
        value = inner
    return value


def test_it_is_judged_and_runs_to_an_end(machine: Path) -> None:
    """The verdict names the place of each fault; a machine without one runs, four times, to a status with a history."""
    text = machine.read_text("utf-8")
    findings = validate(text)
    faults = [finding for finding in findings if finding.severity == "ERROR"]
    assert all(finding.message and finding.pointer is not None for finding in findings)
    definition = json.loads(text)
    seed = int(hashlib.sha256(machine.name.encode()).hexdigest()[:8], 16)
    refusal = refused(definition)
    if refusal is not None:
        # What the validator lets pass are placeholders (`${Limit}`), which a deployment replaces.
        assert faults or "${" in json.dumps(at(definition, refusal.pointer)), str(refusal)
        return
    for place, kind in enumerate(RUNS):
        execution = run(definition, kind, seed + place)
        assert execution.status in STATUSES
        assert (execution.status == "SUCCEEDED") or execution.error is not None or execution.history
        assert execution.history[-1]["type"].startswith("Execution")
        json.dumps(execution.output, allow_nan=False)


def test_the_corpus_is_used(request: pytest.FixtureRequest) -> None:
    """Taken together the runs reach success and failure, retriers, catchers and every kind of state."""
    given = request.config.getoption("--corpus")
    if given is None:
        pytest.skip("needs --corpus DIR")
    used: Counter[str] = Counter()
    for file in sorted((Path(given) / "asl").glob("*.json"))[::4]:
        definition = json.loads(file.read_text("utf-8"))
        if file.name == "index.json" or refused(definition) is not None:
            continue
        for place, kind in enumerate(RUNS):
            execution = execute(
                definition,
                {"items": [1]},
                mock=mock(kind, place),
                observe=lambda part, _state, _place: used.update([part]),
            )
            used[execution.status] += 1
            used.update({event.type for event in execution.events if event.type.endswith("StateEntered")})
    kinds = ("Pass", "Task", "Choice", "Wait", "Succeed", "Fail", "Map", "Parallel")
    expected = {*(f"{kind}StateEntered" for kind in kinds), "retrier", "catcher", "rule", "SUCCEEDED", "FAILED"}
    assert expected <= used.keys()
