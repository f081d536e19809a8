"""One run of a case: its functions as callables, and what is compared with what was expected.

A run is `{"input": …, "functions": {NAME: behavior or list of behaviors, one a call}, "expected": {…}}`. A behavior is
`{"return": VALUE}`, `{"echo": true}` (the argument comes back) or `{"raise": ERROR}` with `message` (a string) or
`details` (a value), each with `seconds`, what the call takes. `states` has behaviors for what is not a function, by the
state that calls it: what the service answers, or the answer to a task token; there `raise` is with `cause`, and
`{"never": true}` is a call that is never answered. `s3` is what S3 holds, by "bucket/key", `parameters` what stands for
placeholders.

Expected are `status`, `output` or `error` and `cause`, `path` (the states in the order in which they were entered),
`elapsed` (virtual seconds), `calls` (for each function its arguments, without the envelope), `requests` (for each of
`states` the arguments of its calls) and `entered` (how often each state was entered, those of child executions too).
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flowgen.compile import function_placeholder
from flowgen.compile.names import called_as
from flowgen.local import Execution, Task, TaskError, execute
from flowgen.local.runtime_types import Request
from flowgen.model import Workflow
from flowgen.pipeline import Build, check_paths, definition
from flowgen.running.program import fill

JSON = Any


def load(case: Path) -> Build:
    """The workflow of a case, which is without any finding."""
    report = check_paths((str(case / "workflow.yaml"),), case)
    assert [f"{found.code} {found.span} {found.message}" for found in report.diagnostics] == []
    [loaded] = report.loaded
    return loaded


@dataclass(frozen=True, slots=True)
class Seen:
    """What was called with what, functions and states apart, and how often each state was entered."""

    calls: dict[str, list[JSON]] = field(default_factory=dict)
    requests: dict[str, list[JSON]] = field(default_factory=dict)
    entered: Counter[str] = field(default_factory=Counter)


def outcome(loaded: Build, run: Mapping[str, JSON]) -> tuple[Execution, Seen]:
    """How a run ended, and what was observed."""
    seen = Seen()
    tasks = {
        _key(loaded.workflow, name): _task(behaviour, seen.calls.setdefault(name, []), loaded.workflow, name)
        for name, behaviour in run.get("functions", {}).items()
    }
    states = {name: given if isinstance(given, list) else [given] for name, given in run.get("states", {}).items()}

    def mock(request: Request) -> Task | None:
        return _answer(states[request.state], request, seen) if request.state in states else None

    def observe(kind: str, state: str, _place: int) -> None:
        seen.entered.update([state] if kind == "state" else [])

    machine_type = loaded.workflow.type.upper()
    execution = execute(
        fill(definition(loaded), run.get("parameters", {}), {}),
        run["input"],
        tasks=tasks,
        mock=mock,
        s3_objects=run.get("s3"),
        machine_type=machine_type,
        observe=observe,
    )
    return execution, seen


def described(execution: Execution, seen: Seen, expected: Mapping[str, JSON]) -> dict[str, JSON]:
    """What came of a run, in the form of what was expected of it and with the same keys."""
    cause = execution.cause
    return {
        name: value
        for name, value in {
            "status": execution.status,
            "output": execution.output,
            "error": execution.error,
            "cause": cause if isinstance(expected.get("cause"), str | None) else json.loads(cause or "null"),
            "path": [
                event["stateEnteredEventDetails"]["name"]
                for event in execution.history
                if event["type"].endswith("StateEntered")
            ],
            "elapsed": execution.elapsed,
            "calls": seen.calls,
            "requests": seen.requests,
            "entered": seen.entered,
        }.items()
        if name in expected
    }


def _key(workflow: Workflow, name: str) -> str:
    function = workflow.functions[name]
    if function.activity:
        return f"${{{function_placeholder(name, activity=True)}}}"
    return called_as(name, function)


def _answer(behaviours: list[JSON], request: Request, seen: Seen) -> Task:
    made = seen.requests.setdefault(request.state, [])
    made.append(request.arguments)
    behaviour = behaviours[min(len(made), len(behaviours)) - 1]

    def answer(arguments: JSON) -> JSON:
        if "raise" in behaviour:
            raise TaskError(behaviour["raise"], behaviour.get("cause", ""))
        return arguments if behaviour.get("echo") else behaviour["return"]

    return Task(answer, seconds=math.inf if behaviour.get("never") else behaviour.get("seconds", 0))


def _task(behaviour: JSON, calls: list[JSON], workflow: Workflow, name: str) -> Task:
    behaviours = behaviour if isinstance(behaviour, list) else [behaviour]
    seconds = {one.get("seconds", 0) for one in behaviours}
    assert len(seconds) == 1, "a function takes the same time at each call"
    enveloped = workflow.functions[name].enveloped

    def function(event: JSON) -> JSON:
        argument = event["input"] if enveloped else event
        calls.append(argument)
        return _behave(behaviours[min(len(calls), len(behaviours)) - 1], argument)

    return Task(function, seconds=seconds.pop())


def _behave(behaviour: Mapping[str, JSON], argument: JSON) -> JSON:
    if behaviour.get("echo"):
        return argument
    if "return" in behaviour:
        return behaviour["return"]
    message = json.dumps(behaviour["details"]) if "details" in behaviour else behaviour.get("message", "")
    raise TaskError(behaviour["raise"], json.dumps({"errorMessage": message, "errorType": behaviour["raise"]}))
