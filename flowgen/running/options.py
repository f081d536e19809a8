"""Builds the options of a run from the command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from flowgen.local.mocks import Rules
from flowgen.running import arguments
from flowgen.running.endpoints import Endpoints
from flowgen.running.objects import FolderObjects, FolderTasks
from flowgen.running.program import Program
from flowgen.running.real_time import RealTime
from flowgen.running.runs import Options, Service

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from flowgen.local import Task
    from flowgen.running.aws import Aws
    from flowgen.running.terminal import Terminal

Clock = tuple[Callable[[], float], Callable[[float], None]]
"""A function that returns real seconds, and one that sleeps for a number of seconds."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The arguments of the command line. Those whose meaning depends on the program are still strings.

    `endpoints` are URLs by service id, such as LAMBDA.
    """

    rules: Rules
    clock: Clock
    tasks: Mapping[str, Task] = field(default_factory=dict)
    failures: Iterable[str] = ()
    delays: Iterable[str] = ()
    aws: str = "mock"
    endpoints: Mapping[str, str] = field(default_factory=dict)
    s3: Path | None = None
    terminal: Terminal | None = None
    workers: int = 1
    limit: str | None = None
    real_time: bool = False
    count_time: bool = False
    seed: int = 0


def options_for(program: Program, asked: Asked) -> Options:
    """The options of a run. Raises `BadArgument`."""
    now, sleep = asked.clock
    services, objects = _services(asked)
    limit = None if asked.limit is None else arguments.seconds(asked.limit, "--limit")
    if limit == 0:
        raise arguments.BadArgument("--limit: the duration must be positive")
    return Options(
        rules=asked.rules,
        services=services,
        tasks=asked.tasks,
        objects=objects,
        terminal=asked.terminal,
        failures=arguments.failures(program, asked.failures),
        delays=arguments.delays(program, asked.delays),
        workers=asked.workers,
        limit=limit,
        # With real time, the duration of handlers counts, too.
        stopwatch=now if asked.count_time or asked.real_time else None,
        pace=RealTime(now, sleep).wait if asked.real_time else None,
        seed=asked.seed,
    )


def _services(asked: Asked) -> tuple[tuple[Service, ...], MutableMapping[str, str] | None]:
    """What answers calls of AWS, and the objects in S3."""
    objects: MutableMapping[str, str] | None = None
    services: tuple[Service, ...] = ()
    if asked.s3 is not None:
        if not asked.s3.is_dir():
            raise arguments.BadArgument(f"--s3: the directory {asked.s3} does not exist")
        objects = FolderObjects(asked.s3)
        services = (FolderTasks(objects).answer,)
    if asked.endpoints:
        connections = _connections(asked)
        services = (*services, Endpoints(connections).answer)
        if objects is None and "S3" in connections:
            objects = connections["S3"].objects()
    if asked.aws == "mock":
        return services, objects
    if asked.aws != "real" and not re.match(r"https?://", asked.aws):
        raise arguments.BadArgument(f"--aws {asked.aws}: write `real`, `mock`, or the URL of an endpoint")
    from flowgen.running.aws import NoConnection, connect
    from flowgen.running.http import send

    try:
        aws = connect(None if asked.aws == "real" else asked.aws, sleep=asked.clock[1])
    except NoConnection as problem:
        raise arguments.BadArgument(f"--aws: {problem}") from None
    return (*services, send, aws.answer), aws.objects() if objects is None else objects


def _connections(asked: Asked) -> dict[str, Aws]:
    """The connections to the endpoints of services. Raises `BadArgument`."""
    from flowgen.running.aws import NoConnection, connect

    connections = {}
    for service, url in asked.endpoints.items():
        if not re.match(r"https?://[^/]", url):
            raise arguments.BadArgument(f"the endpoint of {service} must be a URL such as http://127.0.0.1:3001: {url}")
        try:
            connections[service] = connect(url, sleep=asked.clock[1])
        except NoConnection as problem:
            raise arguments.BadArgument(f"the endpoint of {service}: {problem}") from None
    return connections
