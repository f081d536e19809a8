"""`flowgen destroy`."""

from __future__ import annotations

import sys
from typing import Any

import click

from flowgen.cli.person import Person
from flowgen.cli.session import FAILED, FINDINGS, INTERRUPTED, Session, paths_argument, show_json
from flowgen.cli.targets import can_ask, setting, target, target_options


@click.command(name="destroy")
@paths_argument
@target_options
@click.option("--artifacts", is_flag=True, help="Also delete the files that the stack's templates name in the bucket.")
@click.option("-y", "--yes", is_flag=True, help="Delete without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def command(
    session: Session, /, paths: tuple[str, ...], *, artifacts: bool, yes: bool, as_json: bool, **asked: Any
) -> None:
    """Delete the stack of a project, after asking.

    PATH is a workflow file or the directory of a project. The default is the project in the current directory. First
    shows which data and running executions are lost. The exit status is 1 if nothing was deleted, and 3 if the deletion
    failed.
    """
    can_ask(yes, "delete the stack")
    report = session.load(paths)
    aim = target(session, report, asked)
    from flowgen.deploying import Status
    from flowgen.deploying.destroying import destroy

    person = Person(session, report.sources, yes=yes)
    bucket = setting(aim.environment, "bucket")
    outcome = destroy(aim.cloud, aim.stack, person, artifacts=artifacts, bucket_name=bucket)
    if outcome.diagnostics:
        person.tell(outcome.diagnostics)
    status, text, code = {
        Status.DEPLOYED: ("deleted", f"the stack {aim.stack} is deleted", 0),
        Status.UNCHANGED: ("missing", f"the stack {aim.stack} does not exist in {aim.cloud.region}", 0),
        Status.DECLINED: ("declined", "nothing was changed", FINDINGS),
        Status.INTERRUPTED: ("interrupted", "interrupted; the stack was not changed", INTERRUPTED),
        Status.LEFT: (
            "left",
            f"the deletion of the stack {aim.stack} may continue in AWS. To watch it, run the same command",
            INTERRUPTED,
        ),
        Status.FAILED: ("failed", f"the stack {aim.stack} is not deleted", FAILED),
    }.get(outcome.status, ("refused", "nothing was changed", FINDINGS))
    person.say(text)
    if as_json:
        show_json({"status": status, "stack": aim.stack, "region": aim.cloud.region})
    sys.exit(code)
