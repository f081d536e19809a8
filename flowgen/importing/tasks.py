"""Task states as steps: calls of functions, AWS services, HTTP APIs and other workflows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flowgen.importing.expressions import (
    CannotExpressError,
    Naming,
    Tag,
    as_jsonata,
    in_yaml,
    inner,
    is_expression,
    is_number_placeholder,
    literal,
    parameter_name,
    states_paths,
)
from flowgen.importing.graph import State
from flowgen.importing.naming import Names, snake_case
from flowgen.model.function_arns import function_name_problem

_FUNCTION_ARN = re.compile(r"arn:[\w-]+:lambda:[^:]*:[^:]*:function:([^:]+)(:[^:]+)?")
_ACTIVITY_ARN = re.compile(r"arn:[\w-]+:states:[^:]+:[^:]*:activity:(.+)")
_CONNECTION = re.compile(r"arn:[\w-]+:events:[^:]*:[^:]*:connection/([^/]+)(/.*)?")
_PART = r"(?:\$\{[^}]*\}|[^:$])*"
_INTEGRATION = re.compile(rf"arn:{_PART}:states:{_PART}:{_PART}:(?!activity:|stateMachine:)(.+)")
_WAITS = ".waitForTaskToken"

TRANSIENT = (
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
)


@dataclass
class Functions:
    """The functions that the tasks of a machine call, by what they call."""

    names: Names = field(default_factory=Names)
    by_target: dict[tuple[str, str], str] = field(default_factory=dict)
    declared: dict[str, dict[str, Any]] = field(default_factory=dict)
    errors: dict[str, dict[str, None]] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    """Parameters for functions whose name is not valid, each with the text in the state machine."""
    connections: dict[str, str] = field(default_factory=dict)
    """The connections of HTTP calls by name, each with the text in the state machine."""

    def connection(self, target: str) -> str:
        """The name of the connection for an ARN or a placeholder."""
        for name, known in self.connections.items():
            if known == target:
                return name
        found = _CONNECTION.fullmatch(target)
        word = found[1] if found else _last_word(target)
        base = name = snake_case(re.sub(r"(?i)connection$", "", word) or word)
        while name in self.connections:
            name = f"{base}_{len(self.connections) + 1}"
        self.connections[name] = target
        return name

    def _target(self, target: str, name: str, key: str) -> str | Tag:
        """What a function calls; a parameter, if the state machine has a string there."""
        if key == "activity" or function_name_problem(target) is None:
            return literal(target)
        parameter = f"{parameter_name(name.replace('_', ' '))}FunctionName"
        self.parameters[parameter] = target
        return Tag("Ref", parameter)

    def named(self, target: str, key: str = "arn") -> str:
        """The function for a name, an ARN or a placeholder."""
        if (key, target) not in self.by_target:
            name = self.names.take(_last_word(target), "function")
            self.by_target[key, target] = name
            self.declared[name] = {key: self._target(target, name, key)}
            self.errors[name] = {}
        return self.by_target[key, target]


def _last_word(target: str) -> str:
    found = _FUNCTION_ARN.fullmatch(target) or _ACTIVITY_ARN.fullmatch(target)
    word = found[1] if found else target
    placeholder = re.fullmatch(r".*\$\{([^}]+)\}.*", word)
    if placeholder:
        word = placeholder[1]
    word = re.sub(r"(?i)[._-]?(function|lambda)?[._-]?(arn|name)?$", "", word) or word
    return word.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Task:
    """The kind of a task, and what its value is.

    `step` has the keys of the kind; `result` is the path from `$states.result` to the step's value.
    """

    step: Mapping[str, Any]
    result: tuple[str, ...] = ()
    function: str | None = None


def task_of(state: State, functions: Functions, naming: Naming, *, raw: bool) -> Task:
    """A Task state as a step. `raw` means that something uses the whole result.

    Raises CannotExpressError if no step does the same.
    """
    resource = state["Resource"]
    arguments = state.get("Arguments", "{% $states.input %}")
    if is_expression(resource):
        raise CannotExpressError("its resource is an expression")
    if _ACTIVITY_ARN.fullmatch(resource):
        name = functions.named(resource, "activity")
        return Task({"call": name, "with": in_yaml(arguments, naming)}, (), name)
    integration = _INTEGRATION.fullmatch(resource)
    if integration is None:
        name = functions.named(resource)
        return Task({"call": name, "with": in_yaml(arguments, naming)}, (), name)
    action = integration[1]
    waits = action.endswith(_WAITS)
    action = action.removesuffix(_WAITS)
    if action == "lambda:invoke":
        return _invoke(arguments, functions, naming, raw=raw, waits=waits)
    if action == "http:invoke":
        return _http(arguments, functions, naming, raw=raw_http(state))
    step: dict[str, Any] = {"aws": _action(action)}
    if is_expression(arguments):
        raise CannotExpressError("one expression computes all its arguments")
    if arguments:
        step["with"] = in_yaml(arguments, naming)
    if waits:
        step["callback"] = "any"
    return Task(step)


def _action(action: str) -> str:
    """The name of an action: flowgen selects the integration itself."""
    from flowgen.asl.integrations import OPTIMIZED

    service, _, name = action.removeprefix("aws-sdk:").partition(":")
    base = name.partition(".")[0]
    if action.startswith("aws-sdk:") and base in OPTIMIZED.get(service, {}):
        return action
    return f"{service}:{name}"


def _http(arguments: Any, functions: Functions, naming: Naming, *, raw: bool) -> Task:
    """A call of an HTTP API, whose value is the body of the response."""
    if raw:
        raise CannotExpressError("something reads more than the body of its response")
    if not isinstance(arguments, Mapping):
        raise CannotExpressError("one expression computes all its arguments")
    more = arguments.keys() - {"ApiEndpoint", "Method", "Authentication", "Headers", "QueryParameters", "RequestBody"}
    connection = arguments.get("Authentication", {}).get("ConnectionArn", arguments.get("InvocationConfig", {}))
    method, endpoint = arguments.get("Method", ""), in_yaml(arguments.get("ApiEndpoint", ""), naming)
    if more or not isinstance(connection, str) or is_expression(connection) or is_expression(method):
        raise CannotExpressError("`http` does not have all its arguments")
    if not isinstance(endpoint, str):
        raise CannotExpressError("a parameter is its endpoint")
    step: dict[str, Any] = {"http": f"{method} {endpoint}", "connection": functions.connection(connection)}
    for key, source in (("headers", "Headers"), ("query", "QueryParameters"), ("body", "RequestBody")):
        if source in arguments:
            step[key] = in_yaml(arguments[source], naming)
    return Task(step, ("ResponseBody",))


def raw_http(state: State) -> bool:
    """Whether something uses more than the body of a response."""
    values = [state.get("Assign"), state.get("Output")]
    if "Output" not in state and "Next" not in state:
        return True
    return any(path[:1] != ("ResponseBody",) for value in values for path in states_paths(value, "result"))


def _invoke(arguments: Any, functions: Functions, naming: Naming, *, raw: bool, waits: bool) -> Task:
    if not isinstance(arguments, Mapping) or "FunctionName" not in arguments:
        raise CannotExpressError("one expression computes all its arguments")
    target = arguments["FunctionName"]
    more = arguments.keys() - {"FunctionName", "Payload"}
    payload = arguments.get("Payload", {})
    if is_expression(target) or more or (raw and not waits) or _is_text(payload):
        step: dict[str, Any] = {"aws": "lambda:invoke", "with": in_yaml(arguments, naming)}
        return Task(step | ({"callback": "any"} if waits else {}))
    name = functions.named(target)
    step = {"call": name, "with": in_yaml(payload, naming)}
    if waits:
        return Task({**step, "callback": "any"}, (), name)
    return Task(step, ("Payload",), name)


def _is_text(payload: Any) -> bool:
    """Whether a payload is JSON as a string, which `lambda:invoke` parses."""
    if not isinstance(payload, str):
        return False
    return not is_expression(payload) or inner(payload).startswith("$string(")


def uses_whole_result(state: State, *, ends: bool) -> bool:
    """Whether something uses more than the payload of a function's result."""
    values = [state.get("Assign"), state.get("Output")]
    if ends and "Output" not in state:
        return True
    return any(path[:1] != ("Payload",) for value in values for path in states_paths(value, "result"))


def settings_of(state: State, naming: Naming) -> dict[str, Any]:
    """The timeout, the heartbeat and the role of a task."""
    made: dict[str, Any] = {}
    for key, source in (("timeout", "TimeoutSeconds"), ("heartbeat", "HeartbeatSeconds")):
        if source in state:
            made[key] = duration(state[source], naming)
    if "Credentials" in state:
        if not isinstance(state["Credentials"], Mapping) or "RoleArn" not in state["Credentials"]:
            raise CannotExpressError("one expression computes its credentials")
        made["credentials"] = {"role": in_yaml(state["Credentials"]["RoleArn"], naming)}
    return made


def number(value: Any, naming: Naming) -> Any:
    """A number, or an expression that evaluates to one. A parameter may have a fraction, which states do not accept."""
    if not isinstance(value, str) or is_expression(value):
        return in_yaml(value, naming)
    text = as_jsonata(value, naming)
    return f"${{ $round({text}) }}" if is_number_placeholder(value) else f"${{ $number({text}) }}"


def duration(seconds: Any, naming: Naming) -> str:
    """A number of seconds with the largest units that it has a whole number of.

    >>> duration(5400, lambda name, path: None), duration(86400, lambda name, path: None)
    ('1h30m', '1 day')
    """
    if isinstance(seconds, str):
        return str(number(seconds, naming))
    whole = int(seconds)
    if whole and whole % 86400 == 0:
        return f"{whole // 86400} day{'s' if whole > 86400 else ''}"  # noqa: PLR2004 - a day has 86,400 seconds
    if whole and whole % 60 == 0:
        hours, minutes = divmod(whole // 60, 60)
        return (f"{hours}h" if hours else "") + (f"{minutes}m" if minutes else "")
    return f"{whole}s"


def retry_of(state: State, *, is_call: bool) -> Any:
    """The `retry` of a step; None if there is none to write.

    The language retries the transient errors of Lambda by default: `0`, or a last entry for every other error, leaves
    them out where the state machine does.
    """
    retriers = list(state.get("Retry") or ())
    if not retriers:
        return 0 if is_call else None
    if is_call and _is_transient(retriers[-1]):
        retriers.pop()
        if not retriers:
            return None
        return [_retrier(one) for one in retriers]
    entries = [_retrier(one) for one in retriers]
    last = retriers[-1]["ErrorEquals"]
    if is_call and last != ["States.ALL"]:
        entries.append({"errors": ["any"], "attempts": 0})
    if is_call and all(one.get("attempts") == 0 for one in entries):
        return 0
    return entries if len(entries) > 1 else entries[0]


def _is_transient(retrier: Mapping[str, Any]) -> bool:
    return (
        sorted(retrier["ErrorEquals"]) == sorted(TRANSIENT)
        and retrier.get("IntervalSeconds", 1) == 2  # noqa: PLR2004 - the retrier that AWS recommends
        and retrier.get("MaxAttempts", 3) == 6  # noqa: PLR2004
        and retrier.get("BackoffRate", 2) == 2  # noqa: PLR2004
        and not {"MaxDelaySeconds", "JitterStrategy"} & retrier.keys()
    )


def _retrier(retrier: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"errors": errors_of(retrier["ErrorEquals"])}
    made["attempts"] = retrier.get("MaxAttempts", 3)
    if made["attempts"] == 0:
        return made
    if "IntervalSeconds" in retrier:
        made["interval"] = duration(retrier["IntervalSeconds"], lambda *_: None)
    if "BackoffRate" in retrier:
        rate = retrier["BackoffRate"]
        made["backoff"] = int(rate) if rate == int(rate) else rate
    if "MaxDelaySeconds" in retrier:
        made["max_interval"] = duration(retrier["MaxDelaySeconds"], lambda *_: None)
    if retrier.get("JitterStrategy") == "FULL":
        made["jitter"] = True
    return made


def errors_of(names: list[str]) -> list[str]:
    """The names of errors; `States.ALL` is `any`."""
    return ["any" if name == "States.ALL" else name for name in names]


def own_errors(state: State) -> list[str]:
    """The names in a state's retriers and catchers that only the function itself can raise."""
    entries = [*(state.get("Retry") or ()), *(state.get("Catch") or ())]
    names = dict.fromkeys(name for entry in entries for name in entry["ErrorEquals"])
    return [name for name in names if not name.startswith(("States.", "Lambda."))]


__all__ = [
    "Functions",
    "Tag",
    "Task",
    "duration",
    "errors_of",
    "own_errors",
    "retry_of",
    "settings_of",
    "task_of",
    "uses_whole_result",
]
