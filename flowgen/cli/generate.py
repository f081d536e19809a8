"""`flowgen generate`."""

from __future__ import annotations

import sys
from operator import attrgetter
from pathlib import Path

import click

from flowgen.cli.session import FINDINGS, Session, fail, paths_argument

_CURRENT = "generated code is up to date"
_NOTHING_TO_DO = "nothing to do: everything is up to date"


@click.command(name="generate")
@paths_argument
@click.option("--check", "only_check", is_flag=True, help="Write nothing; fail if a file is missing, stale or edited.")
@click.option("--overwrite", is_flag=True, help="Overwrite generated files that were edited by hand.")
@click.pass_obj
def command(session: Session, paths: tuple[str, ...], *, only_check: bool, overwrite: bool) -> None:
    """Generate the models, contracts and entry points of workflows, and stubs for functions without code.

    PATH is a workflow file or the directory of a project. The default is the project in the current directory. Your
    code is never changed: stubs are created once, and generated files are in folders named `generated`.
    """
    from flowgen.up_to_date import is_up_to_date

    if not paths and is_up_to_date(session.directory):
        session.info(_CURRENT if only_check else _NOTHING_TO_DO)
        return
    from flowgen.backends import writing
    from flowgen.pipeline import check_for_generation, plan_python, remember

    report, classes = check_for_generation(paths, session.directory)
    session.report_or_exit(report)
    plans = plan_python(report.loaded, classes)
    found = writing.check if only_check else attrgetter("diagnostics") if overwrite else writing.refuse
    findings = [finding for _, plan in plans for finding in found(plan)]
    session.print_diagnostics(findings, report.sources)
    if any(finding.severity == "error" for finding in findings):
        sys.exit(FINDINGS)
    if only_check:
        remember(report, classes, session.directory)
        session.info(_CURRENT)
        return
    for project, plan in plans:
        try:
            writing.write(plan, project.root)
        except OSError as error:
            fail(f"cannot write {project.relative(Path(error.filename))}: {error.strerror}")
        for change in plan.changes:
            session.info(f"{change.action}  {change.path}")
    remember(report, classes, session.directory)
    count = sum(len(plan.changes) for _, plan in plans)
    session.info(f"{count} file{'s' if count != 1 else ''} changed" if count else _NOTHING_TO_DO)
