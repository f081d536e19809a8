"""`flowgen check`."""

from __future__ import annotations

import sys

import click

from flowgen.cli.session import FINDINGS, Session, paths_argument

FORMATS = ("text", "concise", "json", "sarif", "github")


@click.command(name="check")
@paths_argument
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="How to print.")
@click.option("--show-types", "types", is_flag=True, help="Print what goes into each step and comes out, as types.")
@click.option("--coverage", is_flag=True, help="Print the share of expressions whose type is fully known.")
@click.pass_obj
def command(session: Session, paths: tuple[str, ...], form: str, *, types: bool, coverage: bool) -> None:
    """Tell everything about workflows that can be known before running them.

    PATH is a workflow file or a project's folder; the project of this folder where none is given. Exits with 1 when
    there is an error; warnings alone exit with 0.
    """
    from flowgen.pipeline import check_paths, show_types, type_coverage

    report = check_paths(paths, session.directory, deployable=True)
    session.tell(report.diagnostics, report.sources, form, result=True)
    if report.failed:
        sys.exit(FINDINGS)
    for line in (*(show_types(report.loaded) if types else ()), *(type_coverage(report.loaded) if coverage else ())):
        click.echo(line)
    if not report.diagnostics:
        count = len(report.loaded)
        session.say(f"{count} workflow{'s' if count != 1 else ''} checked, nothing found")
