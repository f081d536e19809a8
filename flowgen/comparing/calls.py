"""The identity of a call: what it calls, whatever the state is named and however the machine writes the call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flowgen.asl.json_text import parse_data
from flowgen.local.runtime_types import function_name
from flowgen.local.values import JSON

_PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")
_ARN_SUFFIX = re.compile(r"[._]?Arn$")
ANY_FUNCTION = "function *"


@dataclass(frozen=True, slots=True)
class Target:
    """What a task calls: `key` is the same for each way to call it, and `arguments` are what the callee receives.

    `invokes` is set if a function is called through Lambda's API, whose response wraps the function's value.
    """

    key: str
    arguments: JSON
    invokes: bool = False


def target_of(resource: str, arguments: JSON) -> Target:
    """What a task with this resource and these arguments calls.

    A function's ARN, its name and its placeholder are the same function, and `lambda:invoke` with only a payload is the
    same call as a resource that is the function.
    """
    _, is_service, service = resource.partition(":states:::")
    if not is_service:
        if ":activity:" in resource:
            return Target(f"activity {resource.rpartition(':')[2]}", arguments)
        return Target(f"function {named_function(resource)}", arguments)
    if service != "lambda:invoke" or not isinstance(arguments, Mapping):
        return Target(service, arguments)
    named = arguments.get("FunctionName")
    key = f"function {named_function(named)}" if isinstance(named, str) else ANY_FUNCTION
    if arguments.keys() <= {"FunctionName", "Payload"}:
        return Target(key, _event(arguments.get("Payload", {})), invokes=True)
    return Target(key, {name: value for name, value in arguments.items() if name != "FunctionName"}, invokes=True)


def _event(payload: JSON) -> JSON:
    """What a function receives: Lambda's API takes a string as JSON text."""
    if not isinstance(payload, str):
        return payload
    try:
        return parse_data(payload)
    except ValueError:
        return payload


def named_function(text: str) -> str:
    """The name of a function from its ARN, name or placeholder: `Send` of `${SendArn}`, `${Send.Arn}` or its ARN."""
    plain = _PLACEHOLDER.sub(lambda found: _ARN_SUFFIX.sub("", found[1]) or found[1], text)
    return plain if plain.startswith("arn:") and ":function:" not in plain else function_name(plain)
