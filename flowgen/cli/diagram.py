"""`flowgen diagram`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from flowgen.cli.programs import definition_text, read_input
from flowgen.cli.session import FINDINGS, Session, fail, usage_error

if TYPE_CHECKING:
    from flowgen.diagrams import Structure

_MERMAID = (".mmd", ".mermaid")


@click.command(name="diagram")
@click.argument("workflow", default=".")
@click.option("-o", "--output", metavar="FILE", help="Write to a file instead of stdout.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["svg", "mermaid"]),
    help="The default is mermaid for `-o FILE.mmd`, otherwise svg.",
)
@click.option(
    "--run", "history", metavar="FILE", help="Show what an execution did: its history, as `run --history` writes it."
)
@click.option("--check", is_flag=True, help="Write nothing; fail if the file of -o does not match the workflow.")
@click.pass_obj
def command(
    session: Session, workflow: str, *, output: str | None, form: str | None, history: str | None, check: bool
) -> None:
    """Draw WORKFLOW as an image (SVG), or as a flowchart in Mermaid for Markdown on GitHub.

    WORKFLOW is a workflow file, the directory of a project with a single workflow, or a state machine in Amazon States
    Language (JSON or YAML).
    """
    if check and output is None:
        usage_error("--check compares the diagram with a file: add -o FILE")
    text = _text(session, workflow, form or _format(output), history)
    if output is None:
        click.echo(text, nl=False)
    elif check:
        _check(session, output, text)
    else:
        _write(session, output, text)


def _format(output: str | None) -> str:
    return "mermaid" if output is not None and Path(output).suffix in _MERMAID else "svg"


def _text(session: Session, workflow: str, form: str, history: str | None) -> str:
    from flowgen.diagrams import mermaid, states_of, svg, with_run

    drawn = _structure(session, workflow)
    if history is not None:
        from flowgen.running.recorded import BadHistory
        from flowgen.running.state_runs import read_state_runs

        try:
            runs = read_state_runs(read_input(session.directory, history, "the history"))
        except BadHistory as problem:
            usage_error(f"'{history}' is not a history of an execution: {problem}")
        if not runs.keys() & states_of(drawn):
            usage_error(f"'{history}' is not a history of this workflow: it has none of its states")
        drawn = with_run(drawn, runs)
    return svg(drawn) if form == "svg" else mermaid(drawn)


def _structure(session: Session, name: str) -> Structure:
    """The diagram of a state machine or a workflow; ends the command if it has an error."""
    found = definition_text(session, name)
    if found is None:
        from flowgen.pipeline.diagrams import structure

        return structure(session.load_one(name))
    from flowgen.diagrams import structure_of_machine
    from flowgen.pipeline.definitions import read_definition

    shown, text = found
    definition = read_definition(shown, text)
    if definition.diagnostics and (definition.value is None or not session.quiet):
        session.print_diagnostics(definition.diagnostics, {shown: text})
    if definition.value is None:
        sys.exit(FINDINGS)
    return structure_of_machine(definition.value, Path(name).name.split(".")[0])


def _check(session: Session, output: str, text: str) -> None:
    from flowgen.backends.artifacts import header_of
    from flowgen.backends.writing import read_text

    path = session.directory / output
    if not path.exists():
        _stale(session, f"`{output}` is missing")
    found = read_text(path)
    header = None if found is None else header_of(found)  # of `flowgen generate`
    if (found if header is None else header.body) != text:
        _stale(session, f"`{output}` does not match the workflow")


def _stale(session: Session, message: str) -> NoReturn:
    from flowgen.diagnostics import Diagnostic

    again = "repeat the command without `--check`"
    session.print_diagnostics([Diagnostic("FG601", message, None, help=again)], {}, result=True)
    sys.exit(FINDINGS)


def _write(session: Session, output: str, text: str) -> None:
    from flowgen.backends.writing import replace_whole

    place = session.directory / output
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        replace_whole(place, text)
    except OSError as error:
        fail(f"cannot write '{output}': {error.strerror}")
    session.info(f"wrote {output}")
