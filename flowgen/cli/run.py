"""`flowgen run`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from flowgen.cli.last_words import last_words
from flowgen.cli.programs import load_program, read_input, read_mocks, style_for
from flowgen.cli.session import FAILED, FINDINGS, Session, give_up, refuse, show, show_json

if TYPE_CHECKING:
    from flowgen.running import Options, Program
    from flowgen.running.terminal import Terminal


@click.command(name="run")
@click.argument("workflow", default=".")
@click.option("-i", "--input", "given", metavar="JSON|@FILE|-", default="{}", help="The input: JSON, a file, or stdin.")
@click.option("--trigger", metavar="NAME", help="Take the input as an event, and start as this trigger would.")
@click.option("--mock", "mocks", metavar="FILE", multiple=True, help="What calls come to: a file in YAML or JSON.")
@click.option("--task", "tasks", metavar="NAME=MODULE:FUNCTION", multiple=True, help="Call this for a function or ARN.")
@click.option(
    "--aws", metavar="real|mock|URL", default="mock", help="Call AWS, nothing but mocks (default), or an endpoint."
)
@click.option("--s3", metavar="DIR", help="A folder that stands for S3: DIR/bucket/key.")
@click.option("-p", "--parameter", "parameters", metavar="NAME=VALUE", multiple=True, help="What ${NAME} stands for.")
@click.option("--env", "environment", metavar="NAME", help="Take parameters from an environment of pyproject.toml.")
@click.option(
    "--fail", "failures", metavar="STEP=ERROR[:TIMES]", multiple=True, help="Fail a step, always or some times."
)
@click.option(
    "--delay", "delays", metavar="STEP=DURATION", multiple=True, help="Let a step take longer, in virtual time."
)
@click.option("--explore", is_flag=True, help="Fail every call with each of its errors, and show what becomes of it.")
@click.option("--real-time", is_flag=True, help="Wait as AWS would, instead of skipping time.")
@click.option("--count-time", is_flag=True, help="Count the time that handlers really take as virtual time.")
@click.option(
    "--workers", metavar="N", type=click.IntRange(1, 1000), default=1, help="Handlers that run at the same time."
)
@click.option("--limit", metavar="DURATION", help="End a handler after so much real time; by default its own timeout.")
@click.option("--seed", metavar="N", type=int, default=0, help="The seed of jitter, $random() and ids.")
@click.option("--express", is_flag=True, help="Run a state machine as an express one.")
@click.option("--history", metavar="FILE", help="Write the history, in the form of get-execution-history.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON instead of the trace.")
@click.pass_obj
def command(session: Session, /, workflow: str, given: str, *, as_json: bool, explore: bool, **asked: Any) -> None:
    """Run WORKFLOW here, with the project's own handlers; time is skipped.

    WORKFLOW is a workflow file, a project's folder that has only one, or a state machine in Amazon States Language
    (JSON or YAML). Exits with 3 when the workflow failed (with --explore: when it fails without any fault), 1 when
    something could not be run.
    """
    value = _input(given, session.directory)
    result = sys.stdout
    # What handlers print is no result of ours.
    with last_words(session.errors) as around, _made_harmless(session.errors):
        program, options = _prepare(session, workflow, asked)
        options = replace(options, around=around)
        if asked["trigger"] is not None:
            value = _started(program, asked["trigger"], value)
        if explore:
            _explore(program, value, options, session, result, as_json=as_json)
        else:
            _run(program, value, options, session, result, as_json=as_json, history=asked["history"])


@contextmanager
def _made_harmless(errors: TextIO) -> Iterator[None]:
    """While handlers run, what they print goes to stderr, and steers neither a terminal nor a CI system."""
    from flowgen.diagnostics.render.display import HarmlessStream

    stream = HarmlessStream(errors)
    with redirect_stdout(stream), redirect_stderr(stream):
        yield


def _started(program: Program, name: str, event: Any) -> Any:
    """The input that a trigger makes of an event."""
    from flowgen.running import arguments

    try:
        return arguments.started(program, name, event)
    except arguments.BadArgument as problem:
        refuse(str(problem))


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
        refuse(str(problem))


def _run(
    program: Program, value: Any, options: Options, session: Session, result: Any, *, as_json: bool, history: str | None
) -> None:
    from flowgen.running import report, run
    from flowgen.running.progress import watched

    with watched(None if session.quiet or not session.errors.isatty() else session.errors) as events:
        outcome = run(program, value, options, events)
    execution = outcome.execution
    if history is not None:
        try:
            (session.directory / history).write_text(report.history(execution), "utf-8", newline="\n")
        except OSError as error:
            give_up(f"the history can't be written: {error}")
    if as_json:
        show_json(report.as_json(execution), result)
    else:
        show(report.as_text(program, outcome, style_for(terminal=result.isatty())), result)
    if outcome.stopped is not None:
        session.tell([outcome.stopped], program.sources)
        sys.exit(FINDINGS)
    if execution.status != "SUCCEEDED":
        sys.exit(FAILED)


def _explore(program: Program, value: Any, options: Options, session: Session, result: Any, *, as_json: bool) -> None:
    from flowgen.running import explore

    found = explore.explore(program, value, options, session.say if sys.stderr.isatty() else None)
    if as_json:
        show_json(explore.as_json(found), result)
    else:
        show(explore.as_text(found, style_for(terminal=result.isatty())), result)
    if found.stopped:
        session.tell(found.stopped, program.sources)
        sys.exit(FINDINGS)
    if found.base.status != "SUCCEEDED":
        sys.exit(FAILED)


def _terminal(errors: TextIO) -> Terminal | None:
    """The person at the keyboard, if there is one."""
    if not sys.stdin.isatty():
        return None
    from flowgen.running.terminal import Terminal

    # What progress may have left on the line goes first.
    return Terminal(lambda question: click.prompt(question, err=True), lambda line: show(f"\n{line}", errors))


def _input(given: str, base: Path) -> Any:
    text = read_input(base, given.removeprefix("@"), "the input file") if given == "-" or given[:1] == "@" else given
    from flowgen.asl.json_text import parse

    try:
        return parse(text)
    except ValueError as error:
        refuse(f"the input is not valid JSON: {error}")
