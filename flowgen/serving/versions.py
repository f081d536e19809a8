"""Versions and aliases of state machines: the data, and which version a request starts."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from flowgen.serving.api_errors import ApiError
from flowgen.serving.state_machines import StateMachine

MOST_VERSIONS = 1_000
MOST_ALIASES = 100
"""Versions and aliases of a state machine (API reference, PublishStateMachineVersion and CreateStateMachineAlias)."""

_ALIAS_NAME = re.compile(r"(?=.*[a-zA-Z_.-])[a-zA-Z0-9_.-]{1,80}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Version:
    """A published version. `machine` is the revision that it published."""

    arn: str
    number: int
    machine: StateMachine
    description: str | None
    created: datetime


@dataclass(frozen=True, slots=True)
class Alias:
    """An alias. `routing` are one or two ARNs of versions with their weights, which add up to 100."""

    arn: str
    name: str
    description: str | None
    routing: tuple[tuple[str, int], ...]
    created: datetime
    updated: datetime

    @property
    def machine_arn(self) -> str:
        return self.arn.rpartition(":")[0]


@dataclass(frozen=True, slots=True)
class Started:
    """What an ARN starts: a revision of a state machine, and the version and the alias that selected it."""

    machine: StateMachine
    version: str | None = None
    alias: str | None = None


@dataclass(slots=True)
class Versions:
    """All versions and aliases by ARN. `last` is the highest number of each machine: AWS never uses one twice."""

    versions: dict[str, Version] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)

    def of(self, machine_arn: str) -> Iterator[Version]:
        """The versions of a machine, the latest first."""
        return (version for version in reversed(self.versions.values()) if version.machine.arn == machine_arn)

    def aliases_of(self, arn: str) -> Iterator[Alias]:
        """The aliases of a machine, or of a version, in the order of their creation."""
        return (
            alias
            for alias in self.aliases.values()
            if alias.machine_arn == arn or any(version == arn for version, _ in alias.routing)
        )

    def publish(self, machine: StateMachine, description: str | None, now: datetime) -> Version:
        """The version of this revision: the existing one, or a new one. Raises `ApiError` beyond the quota."""
        existing = list(self.of(machine.arn))
        for version in existing:
            if version.machine.revision == machine.revision:
                return version
        if len(existing) >= MOST_VERSIONS:
            raise ApiError(
                "ServiceQuotaExceededException", f"A state machine can have at most {MOST_VERSIONS} versions"
            )
        number = self.last.get(machine.arn, 0) + 1
        self.last[machine.arn] = number
        version = Version(f"{machine.arn}:{number}", number, machine, description, now)
        self.versions[version.arn] = version
        return version

    def started(self, arn: str, source: random.Random) -> Started | None:
        """What the ARN of a version or an alias starts. The weights of an alias decide with a random number."""
        alias = self.aliases.get(arn)
        if alias is None:
            version = self.versions.get(arn)
            return None if version is None else Started(version.machine, arn)
        arns, weights = zip(*alias.routing, strict=True)
        (chosen,) = source.choices(arns, weights)
        return Started(self.versions[chosen].machine, chosen, alias.arn)

    def forget(self, machine_arn: str) -> None:
        """Remove the versions and aliases of a deleted machine."""
        for version in list(self.of(machine_arn)):
            del self.versions[version.arn]
        for alias in list(self.aliases_of(machine_arn)):
            del self.aliases[alias.arn]
        self.last.pop(machine_arn, None)


def check_alias_name(name: str) -> None:
    """Check the name of an alias: it may not look like a version's number. Raises `ApiError` (InvalidName)."""
    if not _ALIAS_NAME.fullmatch(name):
        raise ApiError("InvalidName", f"Invalid Name: '{name}'")
