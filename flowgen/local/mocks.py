"""Mocks by rules: they select the outcome of a call by its state, attempt, visit and arguments."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from flowgen.local.runtime_types import Task, TaskError
from flowgen.local.values import JSON, is_number

if TYPE_CHECKING:
    from flowgen.local.runtime_types import Function, Request


class _Anything:
    """The condition that every input meets."""


ANYTHING: Final = _Anything()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a call: a value, or an error and its cause, after `seconds` of virtual time (infinite: never).

    The value is the return value of a Lambda function or the response of a service. With `whole` it is the whole
    response of the API, also for `lambda:invoke`.
    """

    value: JSON = None
    error: str | None = None
    cause: str | None = None
    seconds: float = 0.0
    whole: bool = False

    @property
    def task(self) -> Task:
        return Task(self._function(), self.seconds, returns=not self.whole)

    def _function(self) -> Function:
        def answer(*_arguments: JSON) -> JSON:
            if self.error is not None:
                raise TaskError(self.error, self.cause)
            return self.value

        return answer


@dataclass(frozen=True, slots=True)
class AnsweringCall:
    """A call of a function that answers a task token. `${token}` in the strings of `event` becomes the token.

    The answer arrives after `seconds` of virtual time.
    """

    function: str
    event: JSON = None
    seconds: float = 0.0

    def event_for(self, token: str) -> JSON:
        return _with_token(self.event, token)


def _with_token(value: JSON, token: str) -> JSON:
    match value:
        case str():
            return value.replace("${token}", token)
        case dict():
            return {key: _with_token(item, token) for key, item in value.items()}
        case list():
            return [_with_token(item, token) for item in value]
        case _:
            return value


Rules: TypeAlias = "Mapping[str, tuple[Rule, ...]]"
"""Rules by the name of their state, function or resource."""

NEVER = Outcome(seconds=math.inf)
"""A call that is never answered: only a timeout ends it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The outcome of a call that meets all conditions.

    `when` is a part of the input (see `is_part`). `attempts` are numbers, from 1, of the attempt within a visit of the
    state, `visits` of the visit within the run. With `calls` the real callable or service is called; if the state waits
    for a task token, the outcome is the answer to it, or the answer that `answered_by` sends.
    """

    outcome: Outcome | None
    when: JSON | _Anything = ANYTHING
    attempts: frozenset[int] | None = None
    visits: frozenset[int] | None = None
    calls: bool = False
    answered_by: AnsweringCall | None = None

    def applies(self, value: JSON, attempt: int, visit: int) -> bool:
        """Whether a call meets the conditions."""
        return (
            (self.attempts is None or attempt in self.attempts)
            and (self.visits is None or visit in self.visits)
            and (isinstance(self.when, _Anything) or is_part(self.when, value))
        )


def is_part(part: JSON, value: JSON) -> bool:
    """Whether a value contains a part: an object contains all members of the part, any other value is equal to it.

    Numbers are compared by value; a boolean is not a number.
    """
    if isinstance(part, Mapping):
        return isinstance(value, Mapping) and all(
            name in value and is_part(inner, value[name]) for name, inner in part.items()
        )
    if isinstance(part, list):
        return (
            isinstance(value, list)
            and len(part) == len(value)
            and all(is_part(inner, other) for inner, other in zip(part, value, strict=True))
        )
    if is_number(part) != is_number(value):
        return False
    return bool(part == value)


class Mocks:
    """The mocks of one run. `rules` are by state, resource or function; the first that applies counts.

    `subject` returns the value that conditions test, such as the input of a function.
    """

    def __init__(self, rules: Mapping[str, tuple[Rule, ...]], subject: Callable[[Request], JSON]) -> None:
        self._rules = rules
        self._subject = subject
        self._visits: Counter[str] = Counter()

    def __call__(self, request: Request) -> Rule | None:
        """The rule for an attempt, or None. Call this once for each attempt, since it counts visits."""
        if request.attempt == 0:
            self._visits[request.state] += 1
        return self.rule(request)

    def rule(self, request: Request) -> Rule | None:
        """The rule for an attempt, or None, without counting a visit."""
        rules = self._rules.get(request.state) or self._rules.get(request.resource) or self._by_function(request)
        if not rules:
            return None
        value, attempt, visit = self._subject(request), request.attempt + 1, self._visits[request.state]
        return next((rule for rule in rules if rule.applies(value, attempt, visit)), None)

    def names(self, request: Request) -> bool:
        """Whether there is any rule for the state, its resource or its function."""
        return bool(self._rules.get(request.state) or self._rules.get(request.resource) or self._by_function(request))

    def _by_function(self, request: Request) -> tuple[Rule, ...] | None:
        arguments = request.arguments
        named = arguments.get("FunctionName") if isinstance(arguments, Mapping) else None
        return self._rules.get(named) if isinstance(named, str) else None
