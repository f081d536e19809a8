"""`flowgen generate`."""

from __future__ import annotations

import sys
from operator import attrgetter
from pathlib import Path

import click

from flowgen.cli.session import FINDINGS, Session, give_up, paths_argument

_CURRENT = "generated code is up to date"
_NOTHING_TO_DO = "nothing to do: all is up to date"


@click.command(name="generate")
@paths_argument
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; fail when a file is missing, stale or edited."
)
@click.option("--overwrite", is_flag=True, help="Write generated files again that were edited by hand.")
@click.pass_obj
def command(session: Session, paths: tuple[str, ...], *, only_check: bool, overwrite: bool) -> None:
    """Write the models, contracts and entry points of workflows, and stubs for the functions that have no code yet.

    PATH is a workflow file or a project's folder; the project of this folder where none is given. What you wrote is
    never touched: a stub is made once, and generated files live in folders named `generated`.
    """
    from flowgen.up_to_date import is_up_to_date

    if not paths and is_up_to_date(session.directory):
        session.say(_CURRENT if only_check else _NOTHING_TO_DO)
        return
    from flowgen.backends import writing
    from flowgen.pipeline import check_for_generation, plan_python, remember

    report, classes = check_for_generation(paths, session.directory)
    session.told(report)
    plans = plan_python(report.loaded, classes)
    found = writing.check if only_check else attrgetter("diagnostics") if overwrite else writing.refuse
    findings = [finding for _, plan in plans for finding in found(plan)]
    session.tell(findings, report.sources)
    if any(finding.severity == "error" for finding in findings):
        sys.exit(FINDINGS)
    if only_check:
        remember(report, classes, session.directory)
        session.say(_CURRENT)
        return
    for project, plan in plans:
        try:
            writing.write(plan, project.root)
        except OSError as error:
            give_up(f"{project.relative(Path(error.filename))} can't be written: {error.strerror}")
        for change in plan.changes:
            session.say(f"{change.action}  {change.path}")
    remember(report, classes, session.directory)
    count = sum(len(plan.changes) for _, plan in plans)
    session.say(f"{count} file{'s' if count != 1 else ''} changed" if count else _NOTHING_TO_DO)
