"""`flowgen schema`."""

from __future__ import annotations

from pathlib import Path

import click

from flowgen.cli.session import Session, fail


@click.command(name="schema")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to a file instead of stdout.",
)
@click.pass_obj
def command(session: Session, output: Path | None) -> None:
    """Print the JSON Schema of workflow files, for completion, documentation and checks in editors.

    To use it, start a workflow file with "# yaml-language-server: $schema=../schemas/workflow.schema.json".
    """
    from flowgen.resources import folder

    text = (folder("schemas") / "workflow.schema.json").read_text("utf-8")
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
