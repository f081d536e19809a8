"""States of Amazon States Language as boxes: what a state does, on one or two lines, and its tooltip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowgen.diagrams.conditions import expression
from flowgen.diagrams.structure import Box, Role

State = Mapping[str, Any]

ROLES = {
    "Task": Role.TASK,
    "Pass": Role.VALUE,
    "Wait": Role.WAIT,
    "Choice": Role.DECISION,
    "Succeed": Role.RETURN,
    "Fail": Role.FAIL,
    "Parallel": Role.PARALLEL,
    "Map": Role.MAP,
}
_INTEGRATION = ":states:"


def kind_of(state: State) -> str:
    """The `Type` of a state, or an empty string."""
    kind = state.get("Type")
    return kind if isinstance(kind, str) else ""


def box_of(name: str, state: State) -> Box:
    """The box of a state. Fields that are invalid are left out."""
    kind = kind_of(state)
    details = tuple(detail for detail in (_work(state), _retries(state)) if detail)
    comment = state.get("Comment")
    lines = [f"{name}: {kind} state" if kind else name]
    if isinstance(comment, str):
        lines.append(comment)
    lines += _tooltip(state)
    ends = kind in ("Succeed", "Fail")
    return Box(name, ROLES.get(kind, Role.TASK), details, "\n".join(lines), ends, state=name)


def errors_of(entry: Mapping[str, Any]) -> str:
    """The errors of a catcher or retrier as text."""
    names = entry.get("ErrorEquals")
    shown = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    return ", ".join("any error" if name == "States.ALL" else name for name in shown)


def _work(state: State) -> str:
    match kind_of(state):
        case "Task":
            return _task(state)
        case "Wait":
            return _wait(state)
        case "Pass":
            return "pass"
        case "Choice":
            return "choice"
        case "Succeed":
            return "succeed"
        case "Fail":
            error = state.get("Error")
            return f"fail {expression(error)}" if isinstance(error, str) else "fail"
        case "Parallel":
            return "parallel"
        case "Map":
            return _map(state)
        case other:
            return other


def _task(state: State) -> str:
    resource = state.get("Resource")
    if not isinstance(resource, str):
        return "task"
    if _INTEGRATION in resource:
        action = resource.partition(_INTEGRATION)[2].split(":", 2)[-1]
        called = _function(state) if action.startswith("lambda:invoke") else ""
        return f"{action} {called}".strip()
    parts = resource.split(":")
    if len(parts) > 6 and parts[2] == "lambda":  # noqa: PLR2004 - arn:aws:lambda:REGION:ACCOUNT:function:NAME
        return f"lambda {parts[6]}"
    return resource if len(parts) < 6 else parts[-1]  # noqa: PLR2004 - the parts of an ARN


def _function(state: State) -> str:
    """The function that `lambda:invoke` calls."""
    given = state.get("Arguments", state.get("Parameters"))
    name = None if not isinstance(given, Mapping) else given.get("FunctionName", given.get("FunctionName.$"))
    if not isinstance(name, str):
        return ""
    parts = name.split(":")
    return parts[6] if len(parts) > 6 and parts[0] == "arn" else expression(name)  # noqa: PLR2004 - as above


def _wait(state: State) -> str:
    for key, shown in (("Seconds", "wait {} s"), ("SecondsPath", "wait {} s"), ("Timestamp", "wait until {}")):
        if key in state:
            return shown.format(expression(state[key]))
    return f"wait until {expression(state['TimestampPath'])}" if "TimestampPath" in state else "wait"


def _map(state: State) -> str:
    items = state.get("Items", state.get("ItemsPath"))
    if items is None and isinstance(reader := state.get("ItemReader"), Mapping):
        resource = reader.get("Resource")
        items = f"items of {resource.rpartition(':')[2]}" if isinstance(resource, str) else None
    processor = state.get("ItemProcessor")
    config = processor.get("ProcessorConfig") if isinstance(processor, Mapping) else None
    distributed = isinstance(config, Mapping) and config.get("Mode") == "DISTRIBUTED"
    kind = "distributed map" if distributed else "map"
    return kind if items is None else f"{kind} over {expression(items)}"


def _retries(state: State) -> str:
    retriers = state.get("Retry")
    if not isinstance(retriers, list):
        return ""
    counts = [one.get("MaxAttempts", 3) for one in retriers if isinstance(one, Mapping)]
    numbers = [count for count in counts if isinstance(count, int)]
    most = max(numbers, default=0)
    if not most:
        return ""
    return "1 retry" if most == 1 else f"{most} retries" if len(set(numbers)) == 1 else f"up to {most} retries"


def _tooltip(state: State) -> Iterator[str]:
    for key in ("Resource", "TimeoutSeconds", "HeartbeatSeconds", "MaxConcurrency", "Cause"):
        value = state.get(key)
        if isinstance(value, str | int):
            yield f"{key}: {expression(value)}"
    retriers = state.get("Retry")
    for one in retriers if isinstance(retriers, list) else ():
        if isinstance(one, Mapping):
            yield f"Retry: {errors_of(one)}, up to {expression(one.get('MaxAttempts', 3))} times"
