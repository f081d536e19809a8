"""`flowgen template`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from flowgen.cli.session import FINDINGS, Session, give_up, paths_argument


@click.command(name="template")
@paths_argument
@click.option("--format", "form", type=click.Choice(("yaml", "json")), default="yaml", show_default=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to a file, replaced whole or not at all.",
)
@click.pass_obj
def command(session: Session, paths: tuple[str, ...], form: str, output: Path | None) -> None:
    """Print the CloudFormation template that holds workflows, their functions and all around them.

    PATH is a workflow file or a project's folder; the project of this folder where none is given.
    """
    from flowgen.pipeline import template

    report = session.load(paths)
    text, problems = template(report.loaded, form)
    if text is None or not session.quiet:
        session.tell(problems, report.sources)
    if text is None:
        sys.exit(FINDINGS)
    if output is None:
        click.echo(text, nl=False)
        return
    from flowgen.backends.writing import replace_whole

    try:
        replace_whole(session.directory / output, text)
    except OSError as error:
        give_up(f"{output} can't be written: {error.strerror}")
