"""The state machines that the tasks of one execution may start."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from random import Random

from flowgen.local.machine import Machine
from flowgen.serving.journal import Journal
from flowgen.serving.persistence import machine_key
from flowgen.serving.state_machines import StateMachine
from flowgen.serving.versions import Started, Versions


class Startable(Mapping[str, Machine]):
    """Compiled machines by ARN: those of the service, their versions and aliases, and the program's own children.

    The program's own children have their functions in the program's table, so they take precedence. `selected` is the
    revision of the service that the last look-up found.
    """

    def __init__(
        self,
        own: Mapping[str, Machine],
        served: Mapping[str, StateMachine],
        versions: Versions,
        random: Random,
        journal: Journal | None,
        revision: Callable[[str], StateMachine | None],
    ) -> None:
        self._own = own
        self._served = served
        self._versions = versions
        self._random = random
        self._journal = journal
        self._revision = revision
        self.selected: Started | None = None

    def __getitem__(self, arn: str) -> Machine:
        own = self._own.get(arn)
        started = self._started(arn)
        self.selected = started
        if own is not None:
            return own
        if started is None:
            raise KeyError(arn)
        return started.machine.machine

    def _started(self, arn: str) -> Started | None:
        """The revision that an ARN selects: the one that the journal has, if it has one."""
        journal = self._journal
        if journal is not None and journal.choices:
            _, key, version, alias = journal.choices.popleft()
            machine = self._revision(key)
            return None if machine is None else Started(machine, version, alias)
        current = self._served.get(arn)
        started = self._versions.started(arn, self._random) if current is None else Started(current)
        if journal is not None and started is not None:
            journal.note("machine", arn, machine_key(started.machine), started.version, started.alias)
        return started

    def __contains__(self, arn: object) -> bool:
        if self._journal is not None and self._journal.choices:
            return arn == self._journal.choices[0][0] or arn in self._own
        return any(arn in table for table in self._tables())

    def __iter__(self) -> Iterator[str]:
        yield from {arn for table in self._tables() for arn in table}

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _tables(self) -> tuple[Mapping[str, object], ...]:
        return self._own, self._served, self._versions.versions, self._versions.aliases
