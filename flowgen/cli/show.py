"""`flowgen show`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from flowgen.cli import targets
from flowgen.cli.session import Session, fail, show, show_json
from flowgen.cli.targets import found_execution, region_of, reported, target_at, target_options, workflow_option

if TYPE_CHECKING:
    from flowgen.cli.targets import Target
    from flowgen.operating import Execution, Trace


_MOST_CHILDREN = 1000
"""Child executions to list."""


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

    EXECUTION is a name, an ARN, or `last` (the default): the execution that was started last. The ARN of a Map Run
    lists the child executions of a distributed loop. Passwords and tokens are masked.
    """
    region = region_of(execution)
    aim = target_at(session, (path,), asked, region)
    with reported(aim):
        from flowgen.operating import map_run_arn, trace

        if map_run_arn(execution) is not None:
            _list_children(aim, execution, as_json=as_json)
            return
        found, machine = found_execution(aim, execution)
        first = [] if machine is None or machine.build is None else [machine.build]
        builds = [*first, *(build for build in aim.builds if build not in first)] if machine else []
        if history is not None:
            _write(session, history, trace(aim.cloud, found, builds, targets.now(), None))
        shown = trace(aim.cloud, found, builds, targets.now(), aim.secrets())
    if not as_json:
        session.info(found.arn)
    print_trace(shown, found, as_json=as_json)
    for run in shown.map_runs:
        session.info(f"{run}; to list them: flowgen show {run.arn}")


def _list_children(aim: Target, arn: str, *, as_json: bool) -> None:
    """Prints the child executions of a Map Run, with the ARNs that `show` accepts."""
    from flowgen.cli.executions import as_json as in_json
    from flowgen.cli.executions import as_rows
    from flowgen.operating import children, map_run

    run = map_run(aim.cloud, arn)
    found = children(aim.cloud, arn, run.label, _MOST_CHILDREN)
    if as_json:
        show_json([in_json(execution) for execution in found])
    else:
        for row in as_rows(found, targets.now(), arns=True) if found else ():
            show(row)
    aim.session.info(str(run))
    if not found and run.counts:
        aim.session.info("AWS does not list express executions; read their logs with `flowgen logs`")


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
