"""Runs a single state as the TestState API does, and returns its result and the data between its fields.

In: one state (or a whole definition and the name of a state in it), an input, and a mock of its call or its
sub-workflows. Out: a `StateTest`. Nothing is retried: a failure that would be retried is reported as RETRIABLE.
"""
# ruff: noqa: PT028 - test_state is the name of the API, not a test

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flowgen.asl.errors import QueryFailure
from flowgen.local.failures import InvalidDefinition, StateFailure
from flowgen.local.frame import START, Frame, Identity, Run, Trial
from flowgen.local.history import History
from flowgen.local.machine import compile_single
from flowgen.local.retry import Step, find_retrier
from flowgen.local.runtime_types import Task, TaskError, TaskTable
from flowgen.local.scheduler import Routine, Scheduler
from flowgen.local.states.base import State
from flowgen.local.values import JSON


@dataclass(frozen=True, slots=True)
class StateTest:
    """The result of a state. `status` is SUCCEEDED, FAILED, RETRIABLE or CAUGHT_ERROR.

    `inspection` is the data between the state's fields, under the names of the API's `inspectionData`.
    """

    status: str
    output: JSON = None
    error: str | None = None
    cause: str | None = None
    next_state: str | None = None
    inspection: dict[str, JSON] = field(default_factory=dict)


def test_state(
    definition: Mapping[str, JSON],
    input: JSON = None,  # noqa: A002 - the name of the thing in the States Language
    *,
    state_name: str | None = None,
    context: dict[str, JSON] | None = None,
    variables: Mapping[str, JSON] | None = None,
    mock: Mapping[str, JSON] | None = None,
    configuration: Mapping[str, JSON] | None = None,
    tasks: Mapping[str, Any] | None = None,
) -> StateTest:
    """Run one state on an input.

    `variables` are the variables before the state. `inspection` contains them and those that the state assigns.

    `mock` is `{"result": …}` or `{"error_output": {"error", "cause"}}`, and replaces the state's call or sub-workflows.
    Without it `tasks` are called as in `execute`. `configuration` is the API's `stateConfiguration`:
    `retrierRetryCount`, `mapIterationFailureCount`, `mapItemReaderData`. `context` replaces the whole context object.

    Raises `InvalidDefinition`, also for a context object that the API would reject.
    """
    state = _state(definition, state_name)
    if context is not None:
        _check_context(context)
    given = configuration or {}
    error_output = (mock or {}).get("error_output")
    failure = None if error_output is None else StateFailure(error_output.get("error"), error_output.get("cause"))
    trial = Trial(
        result=(mock or {}).get("result"),
        failure=failure,
        context=context,
        items=given.get("mapItemReaderData"),
        failed_iterations=given.get("mapIterationFailureCount", 0),
    )
    trial.inspection["input"] = input
    frame = _frame(input, variables or {}, tasks or {}, None if mock is None else _call(trial))
    frame.trial = trial
    frame.enter(state, input)
    frame.retry_count = used = given.get("retrierRetryCount", 0)
    try:
        step = frame.scheduler.run(_routine(state, frame, input))
    except QueryFailure as query_failure:
        return _failed(state, frame, trial, StateFailure(query_failure.error, query_failure.cause), used)
    except StateFailure as state_failure:
        return _failed(state, frame, trial, state_failure, used)
    _inspect_variables(frame, trial, step)
    return StateTest("SUCCEEDED", step.output, next_state=step.next, inspection=trial.inspection)


test_state.__test__ = False  # type: ignore[attr-defined]  # otherwise pytest would collect it as a test


_TEXT, _NUMBER = (str,), (int, float)
_CONTEXT: Mapping[str, Mapping[str, tuple[type, ...] | None]] = {
    "Execution": {
        "Id": _TEXT,
        "Input": None,
        "Name": _TEXT,
        "RedriveCount": _NUMBER,
        "RedriveTime": _TEXT,
        "RoleArn": _TEXT,
        "StartTime": _TEXT,
    },
    "State": {"EnteredTime": _TEXT, "Name": _TEXT, "RetryCount": _NUMBER},
    "StateMachine": {"Id": _TEXT, "Name": _TEXT},
    "Task": {"Token": _TEXT},
}
"""The members of a context object that the API accepts, and their types; None for any type."""


def _check_context(context: Mapping[str, JSON]) -> None:
    """Reject what the API rejects, with its messages (recorded in December 2025)."""
    for name, members in context.items():
        if name == "Map":
            raise _bad_context("'Map' field is not supported when mocking a Context object")
        if name not in _CONTEXT:
            raise _bad_context(f"Field '{name}' is not allowed")
        if not isinstance(members, Mapping):
            raise _bad_context(f"{name} must be an object")
        for member, value in members.items():
            if member not in _CONTEXT[name]:
                raise _bad_context(f"Field '{member}' is not allowed")
            types = _CONTEXT[name][member]
            if types is not None and (not isinstance(value, types) or isinstance(value, bool)):
                raise _bad_context(f"{name}.{member} must be a {'string' if types is _TEXT else 'number'}")


def _bad_context(problem: str) -> InvalidDefinition:
    return InvalidDefinition("", f"Invalid Context object provided: {problem}")


def _inspect_variables(frame: Frame, trial: Trial, step: Step) -> None:
    """Add the variables after the state to the inspection (API reference, "InspectionData")."""
    variables = {**frame.variables, **(step.assigned or {})}
    if variables:
        trial.inspection["variables"] = variables


def _routine(state: State, frame: Frame, data: JSON) -> Routine:
    if state.instant is not None:
        return state.instant(frame, data)
    attempt = state.routine if state.recovery is None else state.recovery.attempt
    step: Step = yield from attempt(frame, data)  # type: ignore[misc]  # a state is instant or has a routine
    return step


def _state(definition: Mapping[str, JSON], name: str | None) -> State:
    if name is None:
        return compile_single("StateName", definition, is_jsonata=False)
    written = _find(definition, name)
    if written is None:
        raise InvalidDefinition("/States", f"there is no state {name!r}")
    return compile_single(name, written, is_jsonata=definition.get("QueryLanguage") == "JSONata")


def _find(machine: JSON, name: str) -> JSON:
    """The state with this name in a machine or in the machines inside its states, where names are unique."""
    states = machine.get("States") if isinstance(machine, Mapping) else None
    if not isinstance(states, Mapping):
        return None
    if name in states:
        return states[name]
    inner = [
        within
        for state in states.values()
        if isinstance(state, Mapping)
        for within in (state.get("ItemProcessor"), state.get("Iterator"), *state.get("Branches", ()))
    ]
    return next((found for found in (_find(within, name) for within in inner) if found is not None), None)


def _frame(data: JSON, variables: Mapping[str, JSON], tasks: Mapping[str, Any], mock: Any) -> Frame:
    # The API runs states as synchronous express executions, with a shorter id.
    identity = Identity(machine_type="EXPRESS", synchronous=True)
    run = Run(
        identity=identity,
        input=data,
        start=START,
        scheduler=Scheduler(),
        history=History(),
        tasks=TaskTable(tasks),
        objects={},
        random=random.Random(0),  # noqa: S311 - reproducible on purpose
        mock=mock,
    )
    run.execution["Id"] = identity.execution_arn.rpartition(":")[0]
    return Frame(run, variables, 0, None)


def _call(trial: Trial) -> Any:
    def answer(_arguments: JSON) -> JSON:
        if trial.failure is not None:
            raise TaskError(trial.failure.error or "", trial.failure.cause)
        return trial.result

    return lambda _request: Task(answer)


def _failed(state: State, frame: Frame, trial: Trial, failure: StateFailure, used: int) -> StateTest:
    details: dict[str, JSON] = {}
    status, step = "FAILED", None
    if state.recovery is not None:
        index = find_retrier(state.recovery.retriers, failure.error)
        if index is not None:
            details["retryIndex"] = index
            retrier = state.recovery.retriers[index]
            if used < retrier.attempts:
                status = "RETRIABLE"
                details["retryBackoffIntervalSeconds"] = retrier.backoff_interval(used)
        if status == "FAILED":
            caught = state.recovery.catch(frame, trial.inspection["input"], failure)
            if caught is not None:
                status = "CAUGHT_ERROR"
                details["catchIndex"], step = caught
                _inspect_variables(frame, trial, step)
    if details:
        trial.inspection["errorDetails"] = details
    return StateTest(
        status,
        None if step is None else step.output,
        failure.error,
        failure.cause,
        None if step is None else step.next,
        trial.inspection,
    )
