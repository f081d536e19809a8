"""The tasks of a recorded case as callables for the runner."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from flowgen.local import Task, TaskError
from flowgen.local.runtime_types import Request

JSON = Any


def task_of(behaviour: Mapping[str, JSON]) -> Task:
    """The callable of a function's recorded behavior."""
    match behaviour["behaviour"]:
        case "echo":
            return Task(lambda event: event)
        case "return":
            return Task(lambda _event: behaviour["value"])
        case "return_string":
            return Task(lambda _event: behaviour["char"] * behaviour["length"])
        case "sleep":
            return Task(lambda event: event, seconds=behaviour["seconds"])
        case "raise":
            return Task(_raising(behaviour["error"], behaviour["message"]))
        case unknown:
            raise ValueError(unknown)


def _raising(error: str, message: str) -> Callable[[JSON], JSON]:
    failure = type(error, (Exception,), {})

    def handler(_event: JSON) -> JSON:
        raise failure(message)

    return handler


def replay(results_by_state: Mapping[str, Mapping[str, JSON]]) -> Callable[[Request], Task]:
    """A mock that plays back, for each state, the recorded results of its attempts in order."""
    used: Counter[str] = Counter()

    def mock(request: Request) -> Task:
        result = results_by_state[request.state]["results"][used[request.state]]
        used[request.state] += 1
        return Task(lambda _arguments: _played(result), seconds=math.inf if "never_completes" in result else 0)

    return mock


def _played(result: Mapping[str, JSON]) -> JSON:
    if "output" in result:
        return result["output"]
    cause = json.dumps(result["cause_json"]) if "cause_json" in result else result.get("cause")
    raise TaskError(result["error"], cause)
