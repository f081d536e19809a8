"""The state machines that the tasks of one execution may start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random

from flowgen.local.machine import Machine
from flowgen.serving.state_machines import StateMachine
from flowgen.serving.versions import Started, Versions


class Startable(Mapping[str, Machine]):
    """Compiled machines by ARN: those of the service, their versions and aliases, and the program's own children.

    The program's own children have their functions in the program's table, so they take precedence. `selected` is the
    revision of the service that the last look-up found.
    """

    def __init__(
        self, own: Mapping[str, Machine], served: Mapping[str, StateMachine], versions: Versions, random: Random
    ) -> None:
        self._own = own
        self._served = served
        self._versions = versions
        self._random = random
        self.selected: Started | None = None

    def __getitem__(self, arn: str) -> Machine:
        own, current = self._own.get(arn), self._served.get(arn)
        started = self._versions.started(arn, self._random) if current is None else Started(current)
        self.selected = started
        if own is not None:
            return own
        if started is None:
            raise KeyError(arn)
        return started.machine.machine

    def __contains__(self, arn: object) -> bool:
        return any(arn in table for table in self._tables())

    def __iter__(self) -> Iterator[str]:
        yield from {arn for table in self._tables() for arn in table}

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _tables(self) -> tuple[Mapping[str, object], ...]:
        return self._own, self._served, self._versions.versions, self._versions.aliases
