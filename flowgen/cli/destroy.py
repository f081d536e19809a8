"""`flowgen destroy`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from flowgen.cli.person import Person
from flowgen.cli.session import FAILED, FINDINGS, INTERRUPTED, Session, show_json, usage_error
from flowgen.cli.targets import can_ask, environment_named, selected, setting, target_options

if TYPE_CHECKING:
    from flowgen.project import Project


@click.command(name="destroy")
@click.argument("path", default=".")
@target_options
@click.option("--artifacts", is_flag=True, help="Also delete the files that the stack's templates name in the bucket.")
@click.option("-y", "--yes", is_flag=True, help="Delete without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def command(session: Session, /, path: str, *, artifacts: bool, yes: bool, as_json: bool, **asked: Any) -> None:
    """Delete the stack of a project, after asking.

    PATH is the directory of a project, by default the current one. Its workflows may have errors. First shows which
    data and running executions are lost. The exit status is 1 if nothing was deleted, and 3 if the deletion failed.
    """
    can_ask(yes, "delete the stack")
    project = _project(session, path)
    environment = environment_named(session, project, asked["environment"])
    cloud, stack = selected(session, project, environment, asked)
    from flowgen.deploying import Status
    from flowgen.deploying.destroying import destroy

    person = Person(session, {}, yes=yes)
    bucket = setting(environment, "bucket")
    outcome = destroy(cloud, stack, person, artifacts=artifacts, bucket_name=bucket)
    if outcome.diagnostics:
        person.tell(outcome.diagnostics)
    status, text, code = {
        Status.DEPLOYED: ("deleted", f"the stack {stack} is deleted", 0),
        Status.UNCHANGED: ("missing", f"the stack {stack} does not exist in {cloud.region}", 0),
        Status.DECLINED: ("declined", "nothing was changed", FINDINGS),
        Status.INTERRUPTED: ("interrupted", "interrupted; the stack was not changed", INTERRUPTED),
        Status.LEFT: (
            "left",
            f"the deletion of the stack {stack} may continue in AWS. To watch it, run the same command",
            INTERRUPTED,
        ),
        Status.FAILED: ("failed", f"the stack {stack} is not deleted", FAILED),
    }.get(outcome.status, ("refused", "nothing was changed", FINDINGS))
    person.say(text)
    if as_json:
        show_json({"status": status, "stack": stack, "region": cloud.region})
    sys.exit(code)


def _project(session: Session, path: str) -> Project:
    """The project at a path; ends the command if there is none, or if its settings have an error."""
    from flowgen.diagnostics import Sink
    from flowgen.project import find_project

    place = session.directory / path
    if not place.exists():
        usage_error(f"cannot read `{path}`: no such file or directory")
    sink = Sink()
    project = find_project(place, sink, session.directory)
    if sink.failed:
        session.print_diagnostics(sink, {})
        sys.exit(FINDINGS)
    if not (project.root / project.workflows).is_dir():
        usage_error(f"`{path}` is not in a project: the folder `{project.workflows}` does not exist")
    return project
