"""`flowgen stop`."""

from __future__ import annotations

from typing import Any

import click

from flowgen.cli.session import Session, show_json
from flowgen.cli.targets import found_execution, region_of, reported, target_at, target_options, workflow_option


@click.command(name="stop")
@click.argument("execution")
@click.option("--error", metavar="NAME", help="The error to record.")
@click.option("--cause", metavar="TEXT", help="The cause to record.")
@workflow_option
@target_options
@click.option("--json", "as_json", is_flag=True, help="Print the execution as JSON.")
@click.pass_obj
def command(
    session: Session, /, execution: str, path: str, *, error: str | None, cause: str | None, as_json: bool, **asked: Any
) -> None:
    """Stop an execution in AWS. Its compensations do not run.

    EXECUTION is a name, an ARN, or `last`: the execution that was started last. The exit status is 1 if it has already
    ended.
    """
    region = region_of(execution)
    aim = target_at(session, (path,), asked, region)
    with reported(aim):
        from flowgen.operating import stop

        found, _ = found_execution(aim, execution)
        stopped = stop(aim.cloud, found, error, cause)
    session.info(f"stopped {stopped.name}")
    if as_json:
        from flowgen.cli.executions import as_json as in_json

        show_json(in_json(stopped))
