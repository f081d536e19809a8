"""`flowgen replay`."""

from __future__ import annotations

import sys
from typing import Any

import click

from flowgen.cli.programs import load_program, read_input, read_mocks, style_for
from flowgen.cli.session import FINDINGS, Session, show, show_json, usage_error

MAX_HISTORY = 100_000_000
"""The largest history, in bytes: far larger than real ones, which have at most 25,000 events."""


@click.command(name="replay")
@click.argument("history", metavar="HISTORY.json")
@click.argument("workflow", default=".")
@click.option(
    "--mock",
    "mocks",
    metavar="FILE",
    multiple=True,
    help="File of mock results for unrecorded calls.",
)
@click.option("-p", "--parameter", "parameters", metavar="NAME=VALUE", multiple=True, help="The value of ${NAME}.")
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
@click.pass_obj
def command(session: Session, /, history: str, workflow: str, *, as_json: bool, **asked: Any) -> None:
    """Replay a recorded execution with the current WORKFLOW, and show what changed.

    HISTORY.json is the output of `aws stepfunctions get-execution-history` or `flowgen run --history` for an execution
    that has ended. Tasks return their recorded results; nothing is called. The exit status is 1 if the path, a value or
    the result differs.
    """
    from flowgen.running import arguments, replay
    from flowgen.running.recorded import BadHistory, read_history
    from flowgen.running.runs import Options

    text = read_input(session.directory, history, "the history", MAX_HISTORY)
    try:
        recording = read_history(text)
        program, _ = load_program(session, workflow, arguments.parameters(asked["parameters"]), express=False)
    except (BadHistory, arguments.BadArgument) as problem:
        usage_error(f"{history}: {problem}" if isinstance(problem, BadHistory) else str(problem))
    found = replay.replay(program, recording, Options(rules=read_mocks(session, program, asked["mocks"])))
    if as_json:
        show_json(replay.as_json(found))
    else:
        show(replay.as_text(found, style_for(terminal=sys.stdout.isatty())))
    if found.differs:
        sys.exit(FINDINGS)
