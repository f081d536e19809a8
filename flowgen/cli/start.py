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
        machine = aim.machine()
        execution = _run(aim, machine, name or str(uuid.uuid4()), value, waits=waits)
        if machine.express and waits:
            _print_result(execution, as_json=as_json)
        elif waits:
            from flowgen.cli.show import print_trace
            from flowgen.operating import trace

            print_trace(trace(aim.cloud, execution, [build], now(), aim.secrets()), execution, as_json=as_json)
        else:
            _print_started(session, execution, as_json=as_json)
    if execution.failed:
        sys.exit(FAILED)


def _run(aim: Target, machine: Machine, name: str, value: Any, *, waits: bool) -> Execution:
    """Starts the execution, and waits until it has ended. Ctrl-C ends the command, not the execution."""
    from flowgen.operating import start, start_and_wait, wait

    try:
        if machine.express and waits:
            return start_and_wait(aim.cloud, machine, name, value)
        started = start(aim.cloud, machine, name, value)
        if not waits:
            return started
        aim.session.info(f"started {name}; waiting until it ends")
        return wait(aim.cloud, started)
    except KeyboardInterrupt:
        look = "read its logs with `flowgen logs`" if machine.express else f"to look at it, run `flowgen show {name}`"
        stop = "" if machine.express else f"; to stop it, run `flowgen stop {name}`"
        interrupted(aim.session, f"if AWS received the request, the execution continues: {look}{stop}")


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
