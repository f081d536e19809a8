"""`flowgen list`."""

from __future__ import annotations

from typing import Any

import click

from flowgen.cli import targets
from flowgen.cli.session import Session, paths_argument, show, show_json
from flowgen.cli.targets import moment_of, reported, target_at, target_options

_STATUSES = ("running", "succeeded", "failed", "timed_out", "aborted", "pending_redrive")


@click.command(name="list")
@paths_argument
@click.option("--status", type=click.Choice(_STATUSES, case_sensitive=False), help="Only executions with this status.")
@click.option("--since", metavar="TIME", help="Only executions started since a time: 2h (ago) or 2026-01-31T12:00:00Z.")
@click.option("--error", metavar="NAME", help="Only executions that failed with this error.")
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help="At most this many of each workflow.",
)
@target_options
@click.option("--json", "as_json", is_flag=True, help="Print the executions as JSON.")
@click.pass_obj
def command(
    session: Session,
    /,
    paths: tuple[str, ...],
    *,
    status: str | None,
    since: str | None,
    error: str | None,
    limit: int,
    as_json: bool,
    **asked: Any,
) -> None:
    """List executions of deployed workflows, the newest first.

    PATH is a workflow file or the directory of a project. The default is the project in the current directory. Express
    workflows are left out: AWS does not list their executions.
    """
    from flowgen.cli.executions import as_json as in_json
    from flowgen.cli.executions import as_rows

    begin = None if since is None else moment_of(since, "--since")
    aim = target_at(session, paths, asked)
    with reported(aim):
        from flowgen.operating import Query, listed
        from flowgen.operating.executions import with_error

        query = Query(limit, None if status is None else status.upper(), begin, error)
        machines = aim.machines()
        standard = [machine for machine in machines if not machine.express] or machines
        found = [with_error(aim.cloud, one) for machine in standard for one in listed(aim.cloud, machine, query)]
    found.sort(key=lambda execution: execution.started, reverse=True)
    if as_json:
        show_json([in_json(execution) for execution in found])
    elif found:
        for row in as_rows(found, targets.now()):
            show(row)
    else:
        session.info("no executions found")
