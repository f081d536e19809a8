"""What a validation finds, and the words for it that the service uses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from flowgen.asl.validation.positions import escaped

Place: TypeAlias = tuple[str | int, ...]
Severity: TypeAlias = Literal["ERROR", "WARNING"]
CheckExpression: TypeAlias = Callable[[str, bool], Iterable[tuple[str, str]]]
"""What is wrong with the text of a JSONata expression, as codes and messages of the service.

The second argument says whether the expression is part of a catcher, and so may name `$states.errorOutput`.
"""
KnownAction: TypeAlias = Callable[[str, str], bool]
"""Whether a service, such as `dynamodb`, has an action, such as `getItem`, for SDK integrations."""

SCHEMA = "SCHEMA_VALIDATION_FAILED"

# `${Name}` stands for a value that is filled in before the machine is created, such as a DefinitionSubstitution.
_PLACEHOLDER = re.compile(r"\$\{[\w.:-]+\}")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a definition: an ERROR makes it invalid, a WARNING does not.

    `code` is the service's (see its ValidateStateMachineDefinitionDiagnostic), `pointer` a JSON pointer (RFC 6901) into
    the definition; `location` is the place as the service writes it, where it gives one. Line and column count from one
    and are there when the definition was given as text.
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
    """The problems found so far, in the order of finding."""

    machine_type: str
    check_expression: CheckExpression | None
    known_action: KnownAction | None = None
    problems: list[Problem] = field(default_factory=list)

    def error(self, place: Place, message: str, code: str = SCHEMA) -> None:
        """Notes what makes the definition invalid."""
        self.problems.append(Problem(code, pointer(place), message, "ERROR", location(place)))

    def warn(self, place: Place, message: str, code: str) -> None:
        """Notes what is allowed but likely not meant."""
        self.problems.append(Problem(code, pointer(place), message, "WARNING", location(place)))

    def unsupported(self, place: Place, found: Iterable[str], supported: Iterable[str]) -> None:
        """Notes each field that the object at the place does not have."""
        allowed = frozenset(supported)
        for name in found:
            if name not in allowed:
                self.error(place, f"Field '{name}' is not supported")

    def required(self, place: Place, value: dict[str, Any], *names: str) -> bool:
        """Notes the fields that are missing; tells whether none is."""
        missing = [name for name in names if name not in value]
        if missing:
            self.error(place, f"These fields are required: [{', '.join(missing)}]")
        return not missing

    def exclusive(self, place: Place, value: dict[str, Any], *names: str) -> None:
        """Notes when more than one of the fields is there."""
        if sum(name in value for name in names) > 1:
            self.error(place, f"There should only be one of the following fields: [{', '.join(names)}]")

    def exactly_one(self, place: Place, value: dict[str, Any], *names: str) -> None:
        """Notes when none, or more than one, of the fields is there."""
        self.exclusive(place, value, *names)
        if not any(name in value for name in names):
            self.error(place, f"This object should have only one of the following fields: [{', '.join(names)}]")

    def is_object(self, place: Place, value: Any) -> bool:
        """Notes a value that is no object; tells whether it is one."""
        return self._is(place, value, dict, "OBJECT")

    def is_list(self, place: Place, value: Any, *, filled: bool = True) -> bool:
        """Notes a value that is no list, or one without items unless that is allowed; tells whether it is a list."""
        if self._is(place, value, list, "ARRAY") and filled and not value:
            self.error(place, "Value cannot be empty")
        return isinstance(value, list)

    def is_text(self, place: Place, value: Any) -> bool:
        """Notes a value that is no string; tells whether it is one."""
        return self._is(place, value, str, "STRING")

    def is_boolean(self, place: Place, value: Any) -> bool:
        """Notes a value that is neither true nor false; tells whether it is one of them."""
        return is_placeholder(value) or self._is(place, value, bool, "BOOLEAN")

    def one_of(self, place: Place, value: Any, *choices: str) -> None:
        """Notes a value that is none of the texts."""
        if self.is_text(place, value) and value not in choices and not is_placeholder(value):
            self.error(place, f"Value should be one of the following: [{', '.join(choices)}]")

    def _is(self, place: Place, value: Any, kind: type, name: str) -> bool:
        if isinstance(value, kind):
            return True
        self.error(place, f"Expected value of type [{name}]")
        return False


def is_placeholder(value: Any) -> bool:
    """Whether the whole value is to be filled in before the machine is created."""
    return isinstance(value, str) and _PLACEHOLDER.fullmatch(value) is not None


def filled_in(text: str, value: str = "x") -> str:
    """The text with some value in the place of each `${Name}`, to be parsed as if it were filled in."""
    return _PLACEHOLDER.sub(value, text)


def pointer(place: Place) -> str:
    """The place as a JSON pointer."""
    return "".join(f"/{escaped(str(step))}" for step in place)


def location(place: Place) -> str:
    """The place as the service writes it: `/States/A/Choices[0]/Next`, and `/` for the whole definition."""
    return "".join(f"[{step}]" if isinstance(step, int) else f"/{step}" for step in place) or "/"
