"""`flowgen run`."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from flowgen.cli.last_words import watched_handlers
from flowgen.cli.programs import load_program, made_harmless, read_input, read_mocks, style_for
from flowgen.cli.session import FAILED, FINDINGS, Session, asks, fail, show, show_json, usage_error

if TYPE_CHECKING:
    from flowgen.running import Options, Program
    from flowgen.running.terminal import Terminal


@click.command(name="run")
@click.argument("workflow", default=".")
@click.option("-i", "--input", "given", metavar="JSON|@FILE|-", default="{}", help="The input: JSON, a file or stdin.")
@click.option("--trigger", metavar="NAME", help="Treat the input as an event of this trigger.")
@click.option("--mock", "mocks", metavar="FILE", multiple=True, help="File of mock results (YAML or JSON).")
@click.option("--task", "tasks", metavar="NAME=MODULE:FUNCTION", multiple=True, help="Replace a function or ARN.")
@click.option("--aws", metavar="real|mock|URL", default="mock", help="Call AWS, only mocks (default), or an endpoint.")
@click.option("--s3", metavar="DIR", help="A directory to use instead of S3: DIR/bucket/key.")
@click.option("-p", "--parameter", "parameters", metavar="NAME=VALUE", multiple=True, help="The value of ${NAME}.")
@click.option("--env", "environment", metavar="NAME", help="Use the parameters of an environment in pyproject.toml.")
@click.option(
    "--fail", "failures", metavar="STEP=ERROR[:TIMES]", multiple=True, help="Make a step fail, always or TIMES times."
)
@click.option(
    "--delay", "delays", metavar="STEP=DURATION", multiple=True, help="Make a step take this long, in virtual time."
)
@click.option("--explore", is_flag=True, help="Make every call fail with each of its errors, and show the outcomes.")
@click.option("--real-time", is_flag=True, help="Wait in real time instead of skipping waits.")
@click.option("--count-time", is_flag=True, help="Add the real duration of handlers to the virtual time.")
@click.option(
    "--workers",
    metavar="N",
    type=click.IntRange(1, 1000),
    default=1,
    help="How many handlers run concurrently.",
)
@click.option("--limit", metavar="DURATION", help="Maximum real duration of a handler. By default, its timeout.")
@click.option("--seed", metavar="N", type=int, default=0, help="The seed for jitter, $random() and ids.")
@click.option("--express", is_flag=True, help="Run a state machine as an express workflow.")
@click.option("--history", metavar="FILE", help="Write the history in the format of get-execution-history.")
@click.option("--report", "page", metavar="FILE", help="Write a page (HTML) that shows the run in a browser.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON instead of the trace.")
@click.pass_obj
def command(session: Session, /, workflow: str, given: str, *, as_json: bool, explore: bool, **asked: Any) -> None:
    """Run WORKFLOW locally with the project's handlers, skipping waits.

    WORKFLOW is a workflow file, the directory of a project with a single workflow, or a state machine in Amazon States
    Language (JSON or YAML). The exit status is 3 if the workflow failed (with --explore: if it failed without injected
    errors), and 1 if a call has no handler or mock.
    """
    if explore and asked["page"] is not None:
        usage_error("--report shows a single run: use it without --explore")
    value = _input(given, session.directory)
    # Handlers may change the working directory.
    session = replace(session, directory=session.directory.absolute())
    with watched_handlers(sys.stdout, session.errors) as watched, made_harmless(watched.errors):
        session, result = replace(session, errors=watched.errors), watched.result
        program, options = _prepare(session, workflow, asked)
        options = replace(options, around=watched.around)
        if asked["trigger"] is not None:
            value = _started(program, asked["trigger"], value)
        else:
            _check_input(program, value)
        try:
            if explore:
                _explore(program, value, options, session, result, as_json=as_json)
            else:
                _run(program, value, options, session, result, as_json=as_json, asked=asked)
        finally:
            _report_threads(session)


def _report_threads(session: Session) -> None:
    """Reports threads that handlers have left behind, but for those of executors, which wait for work."""
    left = [one.name for one in threading.enumerate() if not one.daemon and one is not threading.main_thread()]
    names = ", ".join(f"`{name}`" for name in left if not name.startswith("ThreadPoolExecutor"))
    if names:
        session.info(f"note: handlers left threads running, which Lambda stops between calls: {names}")


def _started(program: Program, name: str, event: Any) -> Any:
    """The input that a trigger builds from an event."""
    from flowgen.running import arguments

    try:
        return arguments.started(program, name, event)
    except arguments.BadArgument as problem:
        usage_error(str(problem))


def _check_input(program: Program, value: Any) -> None:
    """Ends the command if the input does not have its declared type."""
    from flowgen.running import arguments

    try:
        arguments.check_input(program, value)
    except arguments.BadArgument as problem:
        usage_error(str(problem))


def _prepare(session: Session, workflow: str, asked: dict[str, Any]) -> tuple[Program, Options]:
    from flowgen.running import arguments
    from flowgen.running.options import Asked, options_for

    try:
        program, folder = load_program(
            session,
            workflow,
            arguments.parameters(asked["parameters"]),
            asked["environment"],
            express=asked["express"],
        )
        rules = read_mocks(session, program, asked["mocks"])
        return program, options_for(
            program,
            Asked(
                rules,
                tasks=arguments.tasks(program, asked["tasks"], folder),
                failures=asked["failures"],
                delays=asked["delays"],
                aws=asked["aws"],
                s3=None if asked["s3"] is None else session.directory / asked["s3"],
                terminal=_terminal(session.errors),
                workers=asked["workers"],
                limit=asked["limit"],
                clock=(time.monotonic, time.sleep),
                real_time=asked["real_time"],
                count_time=asked["count_time"],
                seed=asked["seed"],
            ),
        )
    except arguments.BadArgument as problem:
        usage_error(str(problem))


def _run(
    program: Program,
    value: Any,
    options: Options,
    session: Session,
    result: Any,
    *,
    as_json: bool,
    asked: dict[str, Any],
) -> None:
    from flowgen.running import report, run
    from flowgen.running.progress import watched

    with watched(None if session.quiet or not session.errors.isatty() else session.errors) as events:
        outcome = run(program, value, options, events)
    execution = outcome.execution
    if asked["history"] is not None:
        _write(session, asked["history"], "the history", report.history(execution))
    if asked["page"] is not None:
        from flowgen.viewer import Recorded, report_page, run_document

        document = run_document(program.name, [Recorded(program, execution, outcome.inside)])
        _write(session, asked["page"], "the report", report_page(document))
    if as_json:
        show_json(report.as_json(execution), result)
    else:
        show(report.as_text(program, outcome, style_for(terminal=result.isatty())), result)
    if outcome.stopped is not None:
        session.print_diagnostics([outcome.stopped], program.sources)
        sys.exit(FINDINGS)
    if execution.status != "SUCCEEDED":
        sys.exit(FAILED)


def _write(session: Session, name: str, what: str, text: str) -> None:
    try:
        (session.directory / name).write_text(text, "utf-8", newline="\n")
    except OSError as error:
        fail(f"cannot write {what}: {error}")


def _explore(program: Program, value: Any, options: Options, session: Session, result: Any, *, as_json: bool) -> None:
    from flowgen.running import explore

    found = explore.explore(program, value, options, session.info if sys.stderr.isatty() else None)
    if as_json:
        show_json(explore.as_json(found), result)
    else:
        show(explore.as_text(found, style_for(terminal=result.isatty())), result)
    if found.stopped:
        session.print_diagnostics(found.stopped, program.sources)
        sys.exit(FINDINGS)
    if found.base.status != "SUCCEEDED":
        sys.exit(FAILED)


def _terminal(errors: TextIO) -> Terminal | None:
    """The user at the terminal, if there is one."""
    if not asks():
        return None
    from flowgen.running.terminal import Terminal

    # A line break first, because a progress line may be incomplete.
    return Terminal(lambda question: click.prompt(question, err=True), lambda line: show(f"\n{line}", errors))


def _input(given: str, base: Path) -> Any:
    text = read_input(base, given.removeprefix("@"), "the input file") if given == "-" or given[:1] == "@" else given
    from flowgen.asl.json_text import parse

    try:
        return parse(text)
    except ValueError as error:
        usage_error(f"the input is not valid JSON: {error}")
