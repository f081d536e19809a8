"""`flowgen start`."""

from __future__ import annotations

import sys
import uuid
from typing import TYPE_CHECKING, Any

import click

from flowgen.cli.session import FAILED, Session, show, usage_error
from flowgen.cli.targets import Target, interrupted, now, read_value, reported, target, target_options

if TYPE_CHECKING:
    from flowgen.operating import Execution, Machine
    from flowgen.pipeline import Build


@click.command(name="start")
@click.argument("workflow", default=".")
@click.option("-i", "--input", "given", metavar="JSON|@FILE|-", default="{}", help="The input: JSON, a file or stdin.")
@click.option("--name", metavar="NAME", help="The execution's name. The same name never starts twice.")
@click.option("--wait", "waits", is_flag=True, help="Wait until the execution ends, and print its trace.")
@target_options
@click.option("--json", "as_json", is_flag=True, help="Print the execution as JSON.")
@click.pass_obj
def command(
    session: Session, /, workflow: str, given: str, *, name: str | None, waits: bool, as_json: bool, **asked: Any
) -> None:
    """Start a deployed WORKFLOW in AWS.

    WORKFLOW is a workflow file, or the directory of a project with a single workflow. The input is checked against its
    type first. The exit status is 1 if nothing was started, 2 if the input or the name is not valid, and with --wait, 3
    if the execution failed.
    """
    value = read_value(session, given, "the input")
    report = session.load((workflow,))
    if len(report.loaded) != 1:
        names = ", ".join(build.found.shown for build in report.loaded)
        usage_error(f"'{workflow}' has several workflows; choose one of them: {names}")
    build = report.loaded[0]
    _check(build, name, value)
    aim = target(session, report, asked)
    with reported(aim):
        machine = aim.machines()[0]
        started = _start(aim, machine, name, value, waits=waits)
        if machine.express and waits:
            _print_result(started, as_json=as_json)
        elif not waits:
            _print_started(session, started, as_json=as_json)
        else:
            _wait(aim, machine, started, as_json=as_json)
            return
    if started.failed:
        sys.exit(FAILED)


def _check(build: Build, name: str | None, value: Any) -> None:
    """Ends the command if the input does not have its type, or the name is not valid."""
    from flowgen.operating import NotValid, execution_name
    from flowgen.running.declared_types import declared

    if name is not None:
        try:
            execution_name(name)
        except NotValid as problem:
            usage_error(f"--name: {problem}")
    if build.workflow.input.schema:
        expected = declared(build.workflow.input, build.workflow)
        unfit = expected.unfit(value)
        if unfit is not None:
            usage_error(f"the input does not have {expected.name}: {unfit}")


def _start(aim: Target, machine: Machine, name: str | None, value: Any, *, waits: bool) -> Execution:
    from flowgen.operating import start, start_and_wait

    chosen = name or str(uuid.uuid4())
    if not (machine.express and waits):
        return start(aim.cloud, machine, chosen, value)
    try:
        return start_and_wait(aim.cloud, machine, chosen, value)
    except KeyboardInterrupt:
        interrupted(aim.session, "the execution continues in AWS. Read its logs with `flowgen logs`")


def _wait(aim: Target, machine: Machine, started: Execution, *, as_json: bool) -> None:
    from flowgen.cli.show import print_trace
    from flowgen.operating import trace, wait

    aim.session.info(f"started {started.name}; waiting until it ends")
    try:
        ended = wait(aim.cloud, started)
    except KeyboardInterrupt:
        name = started.name
        interrupted(
            aim.session,
            f"the execution continues in AWS. To look at it, run `flowgen show {name}`;"
            f" to stop it, run `flowgen stop {name}`",
        )
    found = trace(aim.cloud, ended, [machine.build], now(), aim.secrets())
    print_trace(found, ended, as_json=as_json)
    if ended.failed:
        sys.exit(FAILED)


def _print_started(session: Session, started: Execution, *, as_json: bool) -> None:
    from flowgen.cli.executions import as_json as in_json
    from flowgen.cli.session import show_json

    if as_json:
        show_json(in_json(started))
        return
    show(started.arn)
    session.info(f"started {started.name}; to look at it, run `flowgen show {started.name}`")


def _print_result(ended: Execution, *, as_json: bool) -> None:
    import json

    from flowgen.cli.executions import as_json as in_json
    from flowgen.cli.session import show_json

    if as_json:
        show_json(in_json(ended, result=True))
    elif ended.status == "SUCCEEDED":
        show(json.dumps(ended.output, indent=2, ensure_ascii=False))
    else:
        show(": ".join(filter(None, (ended.status, ended.error, ended.cause))))
