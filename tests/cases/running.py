"""One run of a case: its functions as callables, and what is held against what was expected.

A run is `{"input": …, "functions": {NAME: behaviour or list of behaviours, one a call}, "expected": {…}}`. A behaviour
is `{"return": VALUE}`, `{"echo": true}` (the argument comes back) or `{"raise": ERROR}` with `message` (a text) or
`details` (a value), each with `seconds`, what the call takes. Expected are `status`, `output` or `error` and `cause`,
`path` (the states in the order in which they were entered), `elapsed` (virtual seconds) and `calls` (for each function
its arguments, without the envelope).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowgen.compile import function_placeholder
from flowgen.local import Execution, Task, TaskError, execute
from flowgen.model import Workflow
from flowgen.pipeline import Loaded, check_paths, definition

JSON = Any


def load(case: Path) -> Loaded:
    """The workflow of a case, which is without any finding."""
    report = check_paths((str(case / "workflow.yaml"),), case)
    assert [f"{found.code} {found.span} {found.message}" for found in report.diagnostics] == []
    [loaded] = report.loaded
    return loaded


def outcome(loaded: Loaded, run: Mapping[str, JSON]) -> tuple[Execution, dict[str, list[JSON]]]:
    """How a run ended, and the arguments that each function was called with."""
    calls: dict[str, list[JSON]] = {}
    tasks = {
        _key(loaded.workflow, name): _task(behaviour, calls.setdefault(name, []), loaded.workflow, name)
        for name, behaviour in run.get("functions", {}).items()
    }
    return execute(definition(loaded), run["input"], tasks=tasks), calls


def described(execution: Execution, calls: Mapping[str, list[JSON]], expected: Mapping[str, JSON]) -> dict[str, JSON]:
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
            "calls": calls,
        }.items()
        if name in expected
    }


def _key(workflow: Workflow, name: str) -> str:
    return workflow.functions[name].arn or f"${{{function_placeholder(name)}}}"


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
