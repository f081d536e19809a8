"""`flowgen check`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from flowgen.cli.session import FINDINGS, Session, paths_argument

if TYPE_CHECKING:
    from flowgen.diagnostics import Diagnostic
    from flowgen.pipeline import Build

FORMATS = ("text", "concise", "json", "sarif", "github")


@click.command(name="check")
@paths_argument
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="How to print.")
@click.option("--show-types", "types", is_flag=True, help="Print what goes into each step and comes out, as types.")
@click.option("--coverage", is_flag=True, help="Print the share of expressions whose type is fully known.")
@click.option("--express", is_flag=True, help="Check state machines in Amazon States Language as express ones.")
@click.pass_obj
def command(session: Session, paths: tuple[str, ...], form: str, *, types: bool, coverage: bool, express: bool) -> None:
    """Check workflows for errors.

    PATH is a workflow file, a project's folder, or a state machine in Amazon States Language (JSON or YAML); the
    default is the project of this folder. Exits with 1 when there is an error; warnings alone exit with 0.
    """
    from flowgen.cli.programs import definition_text
    from flowgen.pipeline import check_paths, show_types, type_coverage
    from flowgen.pipeline.definitions import read_definition

    definitions = {path: found for path in paths if (found := definition_text(session, path)) is not None}
    others = tuple(path for path in paths if path not in definitions)
    diagnostics: list[Diagnostic] = []
    sources: dict[str, str] = {}
    loaded: tuple[Build, ...] = ()
    if others or not definitions:
        report = check_paths(others, session.directory, deployable=True)
        diagnostics, sources, loaded = list(report.diagnostics), dict(report.sources), report.loaded
    for shown, text in definitions.values():
        diagnostics += read_definition(shown, text, express=express).diagnostics
        sources[shown] = text
    session.tell(diagnostics, sources, form, result=True)
    if any(one.severity == "error" for one in diagnostics):
        sys.exit(FINDINGS)
    for line in (*(show_types(loaded) if types else ()), *(type_coverage(loaded) if coverage else ())):
        click.echo(line)
    if not diagnostics:
        counts = [(len(loaded), "workflow"), (len(definitions), "state machine")]
        counted = " and ".join(f"{count} {what}{'s' if count != 1 else ''}" for count, what in counts if count)
        session.say(f"{counted or '0 workflows'} checked, nothing found")
