"""`flowgen template`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from flowgen.cli.session import FINDINGS, Session, fail, paths_argument


@click.command(name="template")
@paths_argument
@click.option("--format", "form", type=click.Choice(("yaml", "json", "terraform")), default="yaml", show_default=True)
@click.option("--explain", is_flag=True, help="List the resources, their names for `overrides`, and their overrides.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to a file instead of stdout.",
)
@click.pass_obj
def command(session: Session, paths: tuple[str, ...], form: str, output: Path | None, *, explain: bool) -> None:
    """Print the CloudFormation template of workflows, with their functions, roles and other resources.

    With `--format terraform`, print a Terraform configuration in JSON syntax that creates the same resources.
    PATH is a workflow file or the directory of a project. The default is the project in the current directory.
    """
    from flowgen import pipeline

    report = session.load(paths)
    if explain:
        text, problems = pipeline.explain(report.loaded)
    elif form == "terraform":
        text, problems = pipeline.terraform(report.loaded)
    else:
        text, problems = pipeline.template(report.loaded, form)
    if text is None or not session.quiet:
        session.print_diagnostics(problems, report.sources)
    if text is None:
        sys.exit(FINDINGS)
    if output is None:
        click.echo(text, nl=False)
        return
    from flowgen.backends.writing import replace_whole

    try:
        replace_whole(session.directory / output, text)
    except OSError as error:
        fail(f"cannot write '{output}': {error.strerror}")
