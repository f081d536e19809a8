"""What all kinds of states share: the compiled form, the flow of data, and how fields are read from a definition."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from flowgen.local import jsonata_query, jsonpath_query
from flowgen.local.fields import as_error_names, as_object, as_text, entries, required
from flowgen.local.retry import Attempt, Catcher, Recovery, Step, compile_retriers
from flowgen.local.scheduler import Effect
from flowgen.local.values import JSON

if TYPE_CHECKING:
    from flowgen.local.frame import Frame

Instant: TypeAlias = "Callable[[Frame, JSON], Step]"
Definition: TypeAlias = Mapping[str, JSON]


class Flow(Protocol):
    """How data flows through a state, in either query language."""

    def select_input(self, frame: Frame, raw: JSON) -> JSON:
        """The part of the input that the state is for."""

    def enter(self, frame: Frame, raw: JSON) -> JSON:
        """What the state works on: that part, or what Parameters or Arguments make of it."""

    def leave(self, frame: Frame, raw: JSON, effective: JSON, result: JSON) -> tuple[JSON, dict[str, JSON] | None]:
        """The output and the assigned variables of a state with a result."""

    def pass_on(self, frame: Frame, raw: JSON) -> tuple[JSON, dict[str, JSON] | None]:
        """The same of a state without one."""


@dataclass(frozen=True, slots=True)
class State:
    """A compiled state. One of `instant` (it never waits) and `routine` (it may) is there.

    `recovery` is what the routine of a state with retriers and catchers consists of.
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
    """A state as written: its name, its definition, where it stands, and the query language that holds for it."""

    name: str
    definition: Definition
    pointer: str
    is_jsonata: bool
    compile_machine: Callable[[Definition, str], Any]
    """Compiles the machine inside a Parallel or Map state."""

    def __getitem__(self, name: str) -> JSON:
        return required(self.definition, name, self.pointer)

    @property
    def next(self) -> str | None:
        """The state that follows, or None at the end."""
        if self.definition.get("End") is True:
            return None
        return self.text("Next")

    def text(self, name: str) -> str:
        """A field that must be there, and a string."""
        return as_text(self[name], f"{self.pointer}/{name}")

    def object(self, name: str) -> Definition:
        """A field that is an object, empty when it is not there."""
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
        """An attempt that is retried and caught as the state says."""
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


__all__ = ["Attempt", "Definition", "Effect", "Flow", "Generator", "Instant", "Source", "State", "Step"]
