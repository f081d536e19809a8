"""`flowgen diff`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowgen.cli.session import FINDINGS, Session, fail, show, show_json, usage_error

if TYPE_CHECKING:
    from flowgen.pipeline.build import Source

FORMATS = ("text", "markdown", "html", "svg", "json")


@click.command(name="diff")
@click.argument("revision", default="HEAD", metavar="[REV]")
@click.argument("other", required=False, metavar="[REV]")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="The output format."
)
@click.option(
    "--fail-on",
    "condition",
    type=click.Choice(("change", "breaking")),
    help="Exit with status 1 if there is a change, or a breaking one.",
)
@click.pass_obj
def command(session: Session, revision: str, other: str | None, form: str, condition: str | None) -> None:
    """Show what changed in the workflows of a project since a git revision.

    REV is a commit, branch or tag; the default is HEAD. With a second REV, the two revisions are compared, and
    otherwise the first one with your files. The result lists steps, functions, types, errors, settings and permissions,
    and says which changes break callers of a workflow.
    """
    from flowgen.diagnostics import Sink
    from flowgen.diagrams import svg
    from flowgen.diagrams.difference import side_by_side
    from flowgen.pipeline.change_diagrams import change_diagrams
    from flowgen.pipeline.change_report import as_html, as_json, as_markdown, as_text
    from flowgen.pipeline.changes import compare, unreadable
    from flowgen.pipeline.revisions import RevisionError, extract
    from flowgen.project import find_project

    root = find_project(session.directory, Sink(), session.directory).root
    with tempfile.TemporaryDirectory(prefix="flowgen-diff-") as name:
        folder = Path(name).resolve()
        try:
            before = _sources(extract(root, revision, folder / "before"))
            after = _sources(root if other is None else extract(root, other, folder / "after"))
        except RevisionError as error:
            usage_error(str(error))
        except OSError as error:
            fail(f"cannot compare the revisions: {error.strerror}")
        if not before and not after:
            usage_error(f"neither `{revision}` nor what it is compared with has workflows in this folder")
        changes = compare(before, after)
        diagrams = change_diagrams(changes, before, after) if form in ("html", "svg") else {}
        for when, sources in ((revision, before), (other or "now", after)):
            for file in unreadable(sources):
                session.info(f"note: {file} ({when}) is not a workflow that can be read, and is left out")
    match form:
        case "json":
            show_json(as_json(changes))
        case "markdown":
            show(as_markdown(changes).rstrip("\n"))
        case "html":
            drawn = {name: svg(structure) for name, structure in diagrams.items()}
            click.echo(as_html(changes, f"Workflow changes since {revision}", drawn), nl=False)
        case "svg":
            click.echo(svg(side_by_side(f"Workflow changes since {revision}", diagrams.values())), nl=False)
        case _:
            show("\n".join(as_text(changes)) or f"no workflow has changed since {revision}")
    breaking = any(workflow.breaking for workflow in changes)
    if (condition == "change" and changes) or (condition == "breaking" and breaking):
        sys.exit(FINDINGS)


def _sources(root: Path) -> tuple[Source, ...]:
    """The workflow files of the project at `root`; none if the folder does not exist."""
    from flowgen.diagnostics import Sink
    from flowgen.pipeline.build import Sources
    from flowgen.project import find_project

    if not root.is_dir():
        return ()
    return Sources(root).project(find_project(root, Sink(), root))
