"""`flowgen show`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from flowgen.cli import targets
from flowgen.cli.session import Session, fail, show, show_json
from flowgen.cli.targets import found_execution, region_of, reported, target_at, target_options, workflow_option

if TYPE_CHECKING:
    from flowgen.operating import Execution, Trace


@click.command(name="show")
@click.argument("execution", default="last")
@workflow_option
@target_options
@click.option("--history", metavar="FILE", help="Also write the history, with all secrets, for `flowgen replay`.")
@click.option("--json", "as_json", is_flag=True, help="Print the execution and its history as JSON.")
@click.pass_obj
def command(
    session: Session, /, execution: str, path: str, *, history: str | None, as_json: bool, **asked: Any
) -> None:
    """Show the trace of an execution in AWS, as `flowgen run` prints it.

    EXECUTION is a name, an ARN, or `last` (the default): the execution that was started last. Passwords and tokens are
    masked.
    """
    region = region_of(execution)
    aim = target_at(session, (path,), asked, region)
    with reported(aim):
        from flowgen.operating import trace

        found, machine = found_execution(aim, execution)
        first = [] if machine is None or machine.build is None else [machine.build]
        builds = [*first, *(build for build in aim.builds if build not in first)] if machine else []
        if history is not None:
            _write(session, history, trace(aim.cloud, found, builds, targets.now(), None))
        shown = trace(aim.cloud, found, builds, targets.now(), aim.secrets())
    if not as_json:
        session.info(found.arn)
    print_trace(shown, found, as_json=as_json)


def print_trace(found: Trace, execution: Execution, *, as_json: bool) -> None:
    """Prints a trace for people, or the execution and its history as JSON."""
    from flowgen.cli.executions import as_json as in_json
    from flowgen.cli.programs import style_for
    from flowgen.running import report

    if as_json:
        show_json(in_json(execution) | report.as_json(found.outcome.execution))
    else:
        show(report.as_text(found.program, found.outcome, style_for(terminal=sys.stdout.isatty())))


def _write(session: Session, name: str, found: Trace) -> None:
    from flowgen.running import report

    text = report.history(found.outcome.execution)
    try:
        (session.directory / name).write_text(text, "utf-8", newline="\n")
    except OSError as error:
        fail(f"cannot write the history: {error}")
