"""The state machines that the tasks of one execution may start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from flowgen.local.machine import Machine
from flowgen.serving.versions import Started

if TYPE_CHECKING:
    from flowgen.serving.service import Service
    from flowgen.serving.state_machines import StateMachine


class Startable(Mapping[str, Machine]):
    """Compiled machines by ARN: those of the service, their versions and aliases, and the program's own children.

    The program's own children have their functions in the program's table, so they take precedence. `selected` is the
    revision of the service that the last look-up found.
    """

    def __init__(self, service: Service, machine: StateMachine) -> None:
        self._service = service
        self._own = machine.children
        self.selected: Started | None = None

    def __getitem__(self, arn: str) -> Machine:
        service, own = self._service, self._own.get(arn)
        current = service.machines.get(arn)
        started = service.versions.started(arn, service.random) if current is None else Started(current)
        self.selected = started
        if own is not None:
            return own
        if started is None:
            raise KeyError(arn)
        return started.machine.machine

    def __contains__(self, arn: object) -> bool:
        service = self._service
        known = (self._own, service.machines, service.versions.versions, service.versions.aliases)
        return any(arn in table for table in known)

    def __iter__(self) -> Iterator[str]:
        service = self._service
        yield from {*self._own, *service.machines, *service.versions.versions, *service.versions.aliases}

    def __len__(self) -> int:
        return sum(1 for _ in self)
