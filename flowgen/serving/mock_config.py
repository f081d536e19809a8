"""`MockConfigFile.json` of Step Functions Local: test cases with mocked responses.

Developer guide, "Using mocked service integrations for testing in Step Functions Local".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flowgen.asl.json_text import parse
from flowgen.local import Task, TaskError
from flowgen.local.runtime_types import Request
from flowgen.local.values import JSON

_ATTEMPTS = re.compile(r"(\d+)(?:-(\d+))?")


class InvalidMockConfig(Exception):  # noqa: N818 - reported as wrong usage
    """The file does not have the structure of a mock configuration; the message says where."""


@dataclass(frozen=True, slots=True)
class MockConfig:
    """The test cases by state machine and name: the responses of each state, by attempt."""

    cases: Mapping[str, Mapping[str, Mapping[str, tuple[Response, ...]]]] = field(default_factory=dict)

    def has(self, machine: str, case: str) -> bool:
        """Whether there is a test case."""
        return case in self.cases.get(machine, {})

    def mocks(self, machine: str, case: str) -> Callable[[Request], Task | None]:
        """A mock for one execution. It counts the calls of each state, in all its visits."""
        responses, used = self.cases[machine][case], Counter[str]()

        def mock(request: Request) -> Task | None:
            if request.state not in responses:
                return None
            attempt = used[request.state]
            used[request.state] += 1
            found = next((one for one in responses[request.state] if one.first <= attempt <= one.last), None)
            return Task(_missing(request.state, attempt) if found is None else found.answer)

        return mock


@dataclass(frozen=True, slots=True)
class Response:
    """The response to the attempts `first` to `last`, counted from 0: a value, or an error and its cause."""

    first: int
    last: int
    value: JSON = None
    error: tuple[str, str] | None = None

    def answer(self, _arguments: JSON) -> JSON:
        """The mocked response. Raises `TaskError`."""
        if self.error is not None:
            raise TaskError(*self.error)
        return self.value


def _missing(state: str, attempt: int) -> Callable[[JSON], JSON]:
    def fail(_arguments: JSON) -> JSON:
        raise TaskError("States.Runtime", f"The mock of the state '{state}' has no response for attempt {attempt}.")

    return fail


def read_mock_config(text: str) -> MockConfig:
    """Read a mock configuration file. Raises `InvalidMockConfig`."""
    try:
        content = parse(text)
    except ValueError as error:
        raise InvalidMockConfig(f"invalid JSON: {error}") from None
    machines = _object(_object(content, "the file").get("StateMachines", {}), "`StateMachines`")
    mocked = _object(content.get("MockedResponses", {}), "`MockedResponses`")
    responses = {name: _responses(one, f"`MockedResponses.{name}`") for name, one in mocked.items()}
    cases: dict[str, dict[str, dict[str, tuple[Response, ...]]]] = {}
    for machine, entry in machines.items():
        at = f"`StateMachines.{machine}"
        for case, states in _object(_object(entry, f"{at}`").get("TestCases", {}), f"{at}.TestCases`").items():
            found = cases.setdefault(machine, {}).setdefault(case, {})
            for state, name in _object(states, f"{at}.TestCases.{case}`").items():
                if not isinstance(name, str) or name not in responses:
                    raise InvalidMockConfig(f"{at}.TestCases.{case}.{state}`: no mocked response is called {name!r}")
                found[state] = responses[name]
    return MockConfig(cases)


def _responses(entry: Any, at: str) -> tuple[Response, ...]:
    return tuple(_response(attempts, one, at) for attempts, one in _object(entry, at).items())


def _response(attempts: str, entry: Any, at: str) -> Response:
    match = _ATTEMPTS.fullmatch(attempts)
    if match is None:
        raise InvalidMockConfig(f"{at}: `{attempts}` is not an attempt; write 0, 1 or a range such as 0-2")
    first = int(match[1])
    last = first if match[2] is None else int(match[2])
    match entry:
        case {"Return": value, **rest} if not rest:
            return Response(first, last, value)
        case {"Throw": {"Error": str(error), "Cause": str(cause)}, **rest} if not rest:
            return Response(first, last, error=(error, cause))
    raise InvalidMockConfig(f"{at}: attempt {attempts} needs `Return`, or `Throw` with `Error` and `Cause`")


def _object(value: Any, at: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidMockConfig(f"{at} must be an object")
    return value
