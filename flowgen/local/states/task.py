"""Task: calls a function, an activity or a service, within the state's time limits."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, TypeAlias

from flowgen.asl.reserved_errors import DATA_LIMIT_EXCEEDED
from flowgen.local import jsonata_query, jsonpath_query
from flowgen.local.failures import StateFailure
from flowgen.local.integrations import (
    LONGEST_TASK,
    Limits,
    call_activity,
    call_function,
    call_service,
    has_task_token,
    parse_service,
)
from flowgen.local.scheduler import Effect
from flowgen.local.states.base import Source, State, Step
from flowgen.local.values import JSON, TOO_LARGE, as_number, encode, is_light, is_number, is_too_large

if TYPE_CHECKING:
    from flowgen.local.frame import Frame

Seconds: TypeAlias = "Callable[[Frame, JSON], float | None]"
Perform: TypeAlias = "Callable[[Frame, JSON, Limits, str | None], Generator[Effect, Any, JSON]]"


def compile_task(source: Source) -> State:
    """A Task state."""
    flow, following = source.flow(), source.next
    resource, is_jsonata = source.text("Resource"), source.is_jsonata
    timeout, heartbeat = _compile_seconds(source, "TimeoutSeconds"), _compile_seconds(source, "HeartbeatSeconds")
    has_limits = any(name.startswith(("TimeoutSeconds", "HeartbeatSeconds")) for name in source.definition)
    no_limits = Limits(None, None)
    role = _compile_role(source)
    perform = _compile_perform(resource)
    has_token = has_task_token(resource)

    def attempt(frame: Frame, raw: JSON) -> Generator[Effect, Any, Step]:
        if has_token:
            frame.task_token = frame.run.new_token()
        effective = flow.enter(frame, raw)
        if frame.trial is not None:
            frame.trial.inspection["afterArguments" if is_jsonata else "afterParameters"] = effective
        if effective is not raw and not is_light(effective) and is_too_large(encode(effective)):
            raise StateFailure(DATA_LIMIT_EXCEEDED, TOO_LARGE.format(source.name))
        limits = Limits(timeout(frame, raw), heartbeat(frame, raw)) if has_limits else no_limits
        result = yield from perform(frame, effective, limits, None if role is None else role(frame, raw))
        if frame.trial is not None:
            frame.trial.inspection["result"] = result
        output, assigned = flow.leave(frame, raw, effective, result)
        return Step(output, following, assigned)

    return State(source.name, "Task", recovery=source.recovery(attempt))


def _compile_perform(resource: str) -> Perform:
    service = parse_service(resource)
    if service is not None:
        return lambda frame, arguments, limits, role: call_service(frame, service, arguments, limits, role)
    if ":activity:" in resource:
        return lambda frame, payload, limits, _role: call_activity(frame, resource, payload, limits)
    return lambda frame, payload, limits, _role: call_function(frame, resource, payload, limits)


def _compile_role(source: Source) -> Callable[[Frame, JSON], str | None] | None:
    """The reader of the role in Credentials, which the event that schedules the task contains."""
    if "Credentials" not in source.definition:
        return None
    credentials = source.object("Credentials")
    if source.is_jsonata:
        evaluator = jsonata_query.compile_value(credentials, "Credentials")
        return lambda frame, raw: evaluator(frame, {"input": raw}).get("RoleArn")
    read = jsonpath_query.compile_payload(credentials)
    return lambda frame, raw: read(frame, raw).get("RoleArn")


def _compile_seconds(source: Source, field: str) -> Seconds:
    """The reader of TimeoutSeconds or HeartbeatSeconds: a number, a path or an expression."""
    definition = source.definition
    if f"{field}Path" in definition:
        path = definition[f"{field}Path"]
        read = jsonpath_query.compile_reader(path, f"{field}Path")

        def from_path(frame: Frame, raw: JSON) -> float | None:
            value = as_number(read(frame, raw))
            if not is_number(value) or value != int(value) or value <= 0:
                shown = value if isinstance(value, str) else encode(value)
                raise frame.runtime_failure(f"The {field}Path parameter is not a positive integer: {path} == {shown}")
            return min(int(value), int(LONGEST_TASK))

        return from_path
    if field not in definition:
        return lambda _frame, _raw: None
    number = jsonata_query.compile_typed(definition[field], field, "number")

    def from_expression(frame: Frame, raw: JSON) -> float | None:
        value = number(frame, {"input": raw})
        if not is_number(value) or value != int(value) or value <= 0:
            cause = f"The {field} field must be a positive integer: {encode(value)}"
            raise frame.query_failure(cause, field)
        return min(int(value), int(LONGEST_TASK))

    return from_expression
