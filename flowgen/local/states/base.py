"""What all kinds of states share: the compiled form, the flow of data, and reading fields of a definition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, TypeAlias

from flowgen.local import jsonata_query, jsonpath_query
from flowgen.local.fields import as_error_names, as_object, as_text, entries, required
from flowgen.local.retry import Attempt, Catcher, Recovery, Step, compile_retriers
from flowgen.local.values import JSON

if TYPE_CHECKING:
    from flowgen.local.frame import Frame, Runnable

Instant: TypeAlias = "Callable[[Frame, JSON], Step]"
Definition: TypeAlias = Mapping[str, JSON]


class Flow(Protocol):
    """The flow of data through a state, in either query language."""

    def select_input(self, frame: Frame, raw: JSON) -> JSON:
        """The part of the input that the state uses."""

    def enter(self, frame: Frame, raw: JSON) -> JSON:
        """The effective input: that part, or the value of Parameters or Arguments."""

    def leave(self, frame: Frame, raw: JSON, effective: JSON, result: JSON) -> tuple[JSON, dict[str, JSON] | None]:
        """The output and the assigned variables of a state with a result."""

    def pass_on(self, frame: Frame, raw: JSON) -> tuple[JSON, dict[str, JSON] | None]:
        """The same for a state without a result."""


@dataclass(frozen=True, slots=True)
class State:
    """A compiled state. It has either `instant` (it never waits) or `routine` (it may wait).

    `recovery` provides the routine of a state with retriers and catchers.
    """

    name: str
    kind: str
    instant: Instant | None = None
    routine: Attempt | None = None
    recovery: Recovery | None = None
    entered: str = field(init=False)
    exited: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "entered", f"{self.kind}StateEntered")
        object.__setattr__(self, "exited", f"{self.kind}StateExited")
        if self.recovery is not None:
            object.__setattr__(self, "routine", self.recovery.routine)


@dataclass(frozen=True, slots=True)
class Source:
    """A state in the definition: its name, its fields, its JSON pointer, and its query language."""

    name: str
    definition: Definition
    pointer: str
    is_jsonata: bool
    compile_machine: Callable[[Definition, str], Runnable]
    """Compile the machine inside a Parallel or Map state."""

    def __getitem__(self, name: str) -> JSON:
        return required(self.definition, name, self.pointer)

    @property
    def next(self) -> str | None:
        """The next state, or None at the end."""
        if self.definition.get("End") is True:
            return None
        return self.text("Next")

    def text(self, name: str) -> str:
        """A required string."""
        return as_text(self[name], f"{self.pointer}/{name}")

    def object(self, name: str) -> Definition:
        """An object, empty if the field is missing."""
        return as_object(self.definition.get(name, {}), f"{self.pointer}/{name}")

    def with_definition(self, definition: Definition) -> Source:
        """The same state with other fields."""
        return replace(self, definition=definition)

    def flow(self) -> Flow:
        """The flow of data through the state."""
        if self.is_jsonata:
            return jsonata_query.compile_flow(self.definition)
        return jsonpath_query.compile_flow(self.definition)

    def recovery(self, attempt: Attempt, failed_event: str | None = None) -> Recovery:
        """An attempt with the state's retriers and catchers."""
        return Recovery(attempt, compile_retriers(self.definition, self.pointer), self.catchers(), failed_event)

    def catchers(self) -> tuple[Catcher, ...]:
        """The catchers of the state, in order."""
        query = jsonata_query if self.is_jsonata else jsonpath_query
        return tuple(
            Catcher(
                as_error_names(entry, place),
                as_text(required(entry, "Next", place), f"{place}/Next"),
                query.compile_caught(entry, f"Catch[{index}]/"),
            )
            for index, (entry, place) in enumerate(entries(self.definition, "Catch", self.pointer))
        )


__all__ = ["Flow", "Source", "State", "Step"]
