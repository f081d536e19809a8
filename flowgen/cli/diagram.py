"""`flowgen diagram`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowgen.cli.programs import definition_text
from flowgen.cli.session import FINDINGS, Session, fail

if TYPE_CHECKING:
    from flowgen.diagrams import Structure


@click.command(name="diagram")
@click.argument("workflow", default=".")
@click.option("-o", "--output", metavar="FILE", help="Write to a file instead of stdout.")
@click.pass_obj
def command(session: Session, workflow: str, *, output: str | None) -> None:
    """Draw WORKFLOW as an SVG image.

    WORKFLOW is a workflow file, the directory of a project with a single workflow, or a state machine in Amazon States
    Language (JSON or YAML).
    """
    from flowgen.diagrams import svg

    text = svg(_structure(session, workflow))
    if output is None:
        click.echo(text, nl=False)
        return
    from flowgen.backends.writing import replace_whole

    place = session.directory / output
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        replace_whole(place, text)
    except OSError as error:
        fail(f"cannot write '{output}': {error.strerror}")
    session.info(f"wrote {output}")


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
