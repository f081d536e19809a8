"""The problems that a validation finds, with the service's messages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from flowgen.asl.validation.positions import escaped

Place: TypeAlias = tuple[str | int, ...]
Severity: TypeAlias = Literal["ERROR", "WARNING"]
CheckExpression: TypeAlias = Callable[[str, bool], Iterable[tuple[str, str]]]
"""Returns the problems of a JSONata expression, as codes and messages of the service.

The second argument is whether the expression is part of a catcher, which may use `$states.errorOutput`.
"""
KnownAction: TypeAlias = Callable[[str, str], bool]
"""Whether a service, such as `dynamodb`, has an action, such as `getItem`, for SDK integrations."""

SCHEMA = "SCHEMA_VALIDATION_FAILED"

# `${Name}` is replaced before the state machine is created, for example by DefinitionSubstitutions.
_PLACEHOLDER = re.compile(r"\$\{[\w.:-]+\}")


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem in a definition: an ERROR makes it invalid, a WARNING does not.

    `code` is the service's (see ValidateStateMachineDefinitionDiagnostic), `pointer` is a JSON pointer (RFC 6901) into
    the definition, and `location` is the position as the service writes it, if it does. Line and column count from 1;
    they are set if the definition was given as text.
    """

    code: str
    pointer: str
    message: str
    severity: Severity = "ERROR"
    location: str | None = None
    line: int | None = None
    column: int | None = None


@dataclass(slots=True)
class Report:
    """The problems found so far, in order."""

    machine_type: str
    check_expression: CheckExpression | None
    known_action: KnownAction | None = None
    problems: list[Problem] = field(default_factory=list)

    def error(self, place: Place, message: str, code: str = SCHEMA) -> None:
        """Adds a problem that makes the definition invalid."""
        self.problems.append(Problem(code, pointer(place), message, "ERROR", location(place)))

    def warn(self, place: Place, message: str, code: str) -> None:
        """Adds a problem that is allowed but probably a mistake."""
        self.problems.append(Problem(code, pointer(place), message, "WARNING", location(place)))

    def unsupported(self, place: Place, found: Iterable[str], supported: Iterable[str]) -> None:
        """Reports each field that is not supported at this position."""
        allowed = frozenset(supported)
        for name in found:
            if name not in allowed:
                self.error(place, f"Field '{name}' is not supported")

    def required(self, place: Place, value: dict[str, Any], *names: str) -> bool:
        """Reports the missing fields; returns whether all are present."""
        missing = [name for name in names if name not in value]
        if missing:
            self.error(place, f"These fields are required: [{', '.join(missing)}]")
        return not missing

    def exclusive(self, place: Place, value: dict[str, Any], *names: str) -> None:
        """Reports if more than one of the fields is present."""
        if sum(name in value for name in names) > 1:
            self.error(place, f"There should only be one of the following fields: [{', '.join(names)}]")

    def exactly_one(self, place: Place, value: dict[str, Any], *names: str) -> None:
        """Reports if none, or more than one, of the fields is present."""
        self.exclusive(place, value, *names)
        if not any(name in value for name in names):
            self.error(place, f"This object should have only one of the following fields: [{', '.join(names)}]")

    def is_object(self, place: Place, value: Any) -> bool:
        """Reports a value that is not an object; returns whether it is one."""
        return self._is(place, value, dict, "OBJECT")

    def is_list(self, place: Place, value: Any, *, filled: bool = True) -> bool:
        """Reports a value that is not a list, or an empty list unless allowed; returns whether it is a list."""
        if self._is(place, value, list, "ARRAY") and filled and not value:
            self.error(place, "Value cannot be empty")
        return isinstance(value, list)

    def is_text(self, place: Place, value: Any) -> bool:
        """Reports a value that is not a string; returns whether it is one."""
        return self._is(place, value, str, "STRING")

    def is_boolean(self, place: Place, value: Any) -> bool:
        """Reports a value that is not a boolean; returns whether it is one."""
        return is_placeholder(value) or self._is(place, value, bool, "BOOLEAN")

    def one_of(self, place: Place, value: Any, *choices: str) -> None:
        """Reports a value that is not one of `choices`."""
        if self.is_text(place, value) and value not in choices and not is_placeholder(value):
            self.error(place, f"Value should be one of the following: [{', '.join(choices)}]")

    def _is(self, place: Place, value: Any, kind: type, name: str) -> bool:
        if isinstance(value, kind):
            return True
        self.error(place, f"Expected value of type [{name}]")
        return False


def is_placeholder(value: Any) -> bool:
    """Whether the whole value is a placeholder that is replaced before the state machine is created."""
    return isinstance(value, str) and _PLACEHOLDER.fullmatch(value) is not None


def filled_in(text: str, value: str = "x") -> str:
    """The text with a sample value for each `${Name}`, so that it can be parsed."""
    return _PLACEHOLDER.sub(value, text)


def pointer(place: Place) -> str:
    """The position as a JSON pointer."""
    return "".join(f"/{escaped(str(step))}" for step in place)


def location(place: Place) -> str:
    """The position in the service's notation: `/States/A/Choices[0]/Next`, and `/` for the whole definition."""
    return "".join(f"[{step}]" if isinstance(step, int) else f"/{step}" for step in place) or "/"
