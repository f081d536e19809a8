"""`flowgen check`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from flowgen.cli.session import FINDINGS, Session, fail, paths_argument, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowgen.diagnostics import Diagnostic
    from flowgen.pipeline import Build, Report
    from flowgen.pipeline.fixing import FixedFile

FORMATS = ("text", "concise", "json", "sarif", "github")


@click.command(name="check")
@paths_argument
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="The output format."
)
@click.option("--fix", is_flag=True, help="Fix what can be fixed automatically, and report the rest.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--show-types", "types", is_flag=True, help="Print the input and output types of each step.")
@click.option("--coverage", is_flag=True, help="Print the share of expressions whose type is fully known.")
@click.option("--express", is_flag=True, help="Check state machines in Amazon States Language as express ones.")
@click.pass_obj
def command(
    session: Session,
    paths: tuple[str, ...],
    form: str,
    *,
    fix: bool,
    diff: bool,
    types: bool,
    coverage: bool,
    express: bool,
) -> None:
    """Check workflows for errors.

    PATH is a workflow file, the directory of a project, or a state machine in Amazon States Language (JSON or YAML).
    The default is the project in the current directory. The exit status is 1 if there are errors, or if --diff shows
    changes; warnings alone do not change it.
    """
    from flowgen.cli.programs import definition_text
    from flowgen.pipeline import show_types, type_coverage
    from flowgen.pipeline.definitions import read_definition

    definitions = {path: found for path in paths if (found := definition_text(session, path)) is not None}
    others = tuple(path for path in paths if path not in definitions)
    diagnostics: list[Diagnostic] = []
    sources: dict[str, str] = {}
    loaded: tuple[Build, ...] = ()
    if others or not definitions:
        if diff:
            _show_diff(session, others)
            return
        report = _fix(session, others) if fix else _check(session, others)
        diagnostics, sources, loaded = list(report.diagnostics), dict(report.sources), report.loaded
    for shown, text in definitions.values():
        diagnostics += read_definition(shown, text, express=express).diagnostics
        sources[shown] = text
    session.print_diagnostics(diagnostics, sources, form, result=True)
    if form == "text":
        _mention_fixes(session, diagnostics)
    if any(diagnostic.severity == "error" for diagnostic in diagnostics):
        sys.exit(FINDINGS)
    for line in (*(show_types(loaded) if types else ()), *(type_coverage(loaded) if coverage else ())):
        click.echo(line)
    if not diagnostics:
        counts = [(len(loaded), "workflow"), (len(definitions), "state machine")]
        counted = " and ".join(_counted(count, what) for count, what in counts if count)
        session.info(f"{counted or '0 workflows'} checked, no problems found")


def _check(session: Session, paths: tuple[str, ...]) -> Report:
    from flowgen.pipeline import check_paths

    return check_paths(paths, session.directory, deployable=True)


def _fix(session: Session, paths: tuple[str, ...]) -> Report:
    """Writes the fixed files, and returns the report on them."""
    from flowgen.pipeline.fixing import ChangedFileError, find_fixes, write

    fixes = find_fixes(paths, session.directory, deployable=True)
    for file in fixes.files:
        try:
            write(file)
        except ChangedFileError:
            fail(f"'{file.shown}' has changed during the check; run the command again")
        except OSError as error:
            fail(f"cannot write '{file.shown}': {error.strerror}")
    if fixes.files:
        session.info(f"fixed {_counted(fixes.count, 'finding')} in {_listed(fixes.files)}")
    return fixes.report


def _show_diff(session: Session, paths: tuple[str, ...]) -> None:
    """Prints a unified diff of the fixes; exits with 1 if there are any, or if errors would remain."""
    from difflib import unified_diff

    from flowgen.pipeline.fixing import find_fixes

    fixes = find_fixes(paths, session.directory, deployable=True)
    for file in fixes.files:
        lines = unified_diff(file.before.splitlines(), file.after.splitlines(), file.shown, file.shown, lineterm="")
        show("\n".join(lines))
    remaining = len(fixes.report.diagnostics)
    session.info(f"{_counted(fixes.count, 'finding')} can be fixed, {_counted(remaining, 'other')} cannot")
    if fixes.files or fixes.report.failed:
        sys.exit(FINDINGS)


def _mention_fixes(session: Session, diagnostics: Sequence[Diagnostic]) -> None:
    count = sum(diagnostic.fix is not None for diagnostic in diagnostics)
    if count:
        session.info(f"{_counted(count, 'finding')} can be fixed automatically: add --fix, or --diff for a preview")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count != 1 else ''}"


def _listed(files: Sequence[FixedFile]) -> str:
    return ", ".join(file.shown for file in files)
