"""`flowgen docs`."""

from __future__ import annotations

import sys
from operator import attrgetter
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import click

from flowgen.cli.session import FINDINGS, Session, fail, paths_argument, show, usage_error

if TYPE_CHECKING:
    from flowgen.backends.artifacts import Artifact


@click.command(name="docs")
@paths_argument
@click.option("--format", "form", type=click.Choice(("markdown", "html")), default="markdown", show_default=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write a page for each workflow into this directory, instead of printing one page.",
)
@click.option("--check", "only_check", is_flag=True, help="With -o: write nothing; fail if a page is missing or stale.")
@click.option("--overwrite", is_flag=True, help="With -o: overwrite pages that were edited by hand.")
@click.pass_obj
def command(
    session: Session, paths: tuple[str, ...], form: str, output: Path | None, *, only_check: bool, overwrite: bool
) -> None:
    """Write a page about each workflow: its contract, steps, errors, triggers, alarms and permissions.

    PATH is a workflow file or the directory of a project. The default is the project in the current directory.
    """
    from flowgen.backends import writing
    from flowgen.backends.artifacts import generated_page
    from flowgen.pipeline.reference_pages import as_html, as_markdown, page_of

    report = session.load(paths)
    if output is None and len(report.loaded) > 1:
        names = ", ".join(build.found.shown for build in report.loaded)
        usage_error(f"there are several workflows, so name one of them or use -o DIR: {names}")
    pages = {build: page_of(build) for build in report.loaded}
    if output is None:
        for page in pages.values():
            show((as_html(page) if form == "html" else as_markdown(page, None)).rstrip("\n"))
        return
    root = session.directory / output
    artifacts: list[Artifact] = []
    for build, page in pages.items():
        source = build.found.project.relative(build.found.path)
        if form == "html":
            files = {f"{page.name}.html": as_html(page)}
        else:
            picture = f"{page.name}.svg"
            files = {f"{page.name}.md": as_markdown(page, picture), picture: page.diagram}
        artifacts += [generated_page(PurePosixPath(name), text, source) for name, text in files.items()]
    plan = writing.plan(artifacts, root)
    found = writing.check if only_check else attrgetter("diagnostics") if overwrite else writing.refuse
    findings = found(plan)
    session.print_diagnostics(findings, report.sources)
    if any(finding.severity == "error" for finding in findings):
        sys.exit(FINDINGS)
    if not only_check:
        try:
            writing.write(plan, root)
        except OSError as error:
            fail(f"cannot write '{output}': {error.strerror}")
    for change in plan.changes:
        session.info(f"{change.action}  {output / change.path}")
    if not plan.changes:
        session.info("the pages are up to date")
