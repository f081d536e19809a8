"""`flowgen replay`."""

from __future__ import annotations

import sys
from typing import Any

import click

from flowgen.cli.programs import load_program, read_input, read_mocks, style_for
from flowgen.cli.session import FINDINGS, Session, refuse, show, show_json


@click.command(name="replay")
@click.argument("history", metavar="HISTORY.json")
@click.argument("workflow", default=".")
@click.option("--mock", "mocks", metavar="FILE", multiple=True, help="What calls come to that were not recorded.")
@click.option("-p", "--parameter", "parameters", metavar="NAME=VALUE", multiple=True, help="What ${NAME} stands for.")
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
@click.pass_obj
def command(session: Session, /, history: str, workflow: str, *, as_json: bool, **asked: Any) -> None:
    """Hold a recorded execution against WORKFLOW as it is today.

    HISTORY.json is what `aws stepfunctions get-execution-history` prints, or `flowgen run --history` writes, for an
    execution that has ended. The results of its tasks are played back; nothing is called. Exits with 1 when the path,
    a value or the end differs.
    """
    from flowgen.running import arguments, replay
    from flowgen.running.recorded import BadHistory, read_history
    from flowgen.running.runs import Options

    text = read_input(session.directory, history, "the history")
    try:
        recording = read_history(text)
        program, _ = load_program(session, workflow, arguments.parameters(asked["parameters"]), express=False)
    except (BadHistory, arguments.BadArgument) as problem:
        refuse(f"{history}: {problem}" if isinstance(problem, BadHistory) else str(problem))
    found = replay.replay(program, recording, Options(rules=read_mocks(session, program, asked["mocks"])))
    if as_json:
        show_json(replay.as_json(found))
    else:
        show(replay.as_text(found, style_for(terminal=sys.stdout.isatty())))
    if found.differs:
        sys.exit(FINDINGS)
