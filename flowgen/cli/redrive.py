"""`flowgen redrive`."""

from __future__ import annotations

import sys
import uuid
from typing import TYPE_CHECKING, Any

import click

from flowgen.cli.session import FINDINGS, Session, show, show_json, usage_error
from flowgen.cli.targets import (
    Target,
    agrees,
    can_ask,
    found_execution,
    moment_of,
    now,
    region_of,
    reported,
    target_at,
    target_options,
    workflow_option,
)

if TYPE_CHECKING:
    from datetime import datetime

    from flowgen.operating import Execution


@click.command(name="redrive")
@click.argument("execution", required=False)
@click.option(
    "--failed-since", "since", metavar="TIME", help="All executions that failed since a time: 2h (ago) or a date."
)
@click.option("--error", metavar="NAME", help="With --failed-since: only those that failed with this error.")
@workflow_option
@target_options
@click.option("-y", "--yes", is_flag=True, help="Redrive several executions without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print the executions as JSON.")
@click.pass_obj
def command(
    session: Session,
    /,
    execution: str | None,
    path: str,
    *,
    since: str | None,
    error: str | None,
    yes: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """Continue failed executions from the step that failed, with the same input and definition.

    EXECUTION is a name, an ARN, or `last`: the execution that was started last. Use --failed-since for several: the
    command lists them and asks. The exit status is 1 if an execution was not redriven.
    """
    if (execution is None) == (since is None):
        usage_error("name an EXECUTION, or use --failed-since TIME for several")
    if error is not None and since is None:
        usage_error("--error selects among the executions of --failed-since TIME; add that option")
    region = None if execution is None else region_of(execution)
    begin = None if since is None else moment_of(since, "--failed-since")
    if begin is not None:
        can_ask(yes, "redrive several executions")
    aim = target_at(session, (path,), asked, region)
    with reported(aim):
        if execution is not None:
            chosen = [found_execution(aim, execution)[0]]
        else:
            assert begin is not None  # noqa: S101 - one of the two is given
            chosen = _chosen(aim, begin, error)
            if not chosen:
                session.info("no failed executions found")
            elif not agrees(yes, f"Redrive {_count(len(chosen))}?"):
                session.info("nothing was redriven")
                sys.exit(FINDINGS)
    redriven = _redrive(aim, chosen)
    if as_json:
        from flowgen.cli.executions import as_json as in_json

        show_json([in_json(one) for one in redriven])
    if len(redriven) < len(chosen):
        sys.exit(FINDINGS)


def _chosen(aim: Target, begin: datetime, error: str | None) -> list[Execution]:
    """The executions to redrive, after listing them. Those that AWS does not allow to redrive are only reported."""
    from flowgen.cli.executions import as_rows
    from flowgen.operating import failed_since

    machines = [machine for machine in aim.machines() if not machine.express]
    failed = [one for machine in machines for one in failed_since(aim.cloud, machine, begin, error)]
    chosen = [one for one in failed if not one.not_redrivable]
    for row in as_rows(chosen, now()) if chosen else ():
        show(row, aim.session.errors)
    if len(chosen) < len(failed):
        aim.session.info(f"AWS does not allow to redrive {_count(len(failed) - len(chosen))} of {len(failed)}")
    return chosen


def _count(number: int) -> str:
    return "1 execution" if number == 1 else f"{number:,} executions"


def _redrive(aim: Target, chosen: list[Execution]) -> list[Execution]:
    """Redrives executions one after the other. One that AWS rejects does not end the command."""
    from flowgen.cli.targets import interrupted
    from flowgen.deploying import Refused
    from flowgen.operating import api, redrive

    redriven: list[Execution] = []
    try:
        for one in chosen:
            try:
                with api(aim.cloud.profile):
                    redriven.append(redrive(aim.cloud, one, str(uuid.uuid4())))
                aim.session.info(f"redriven {one.name}")
            except Refused as refused:
                aim.session.print_diagnostics(refused.diagnostics, {})
                if any(problem.code == "FG544" for problem in refused.diagnostics):
                    break  # expired credentials, for example: the rest would fail too
    except KeyboardInterrupt:
        interrupted(aim.session, f"{len(redriven)} of {_count(len(chosen))} were redriven. Run the same command again")
    return redriven
