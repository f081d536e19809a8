"""`flowgen sync`."""

from __future__ import annotations

import sys
from typing import Any

import click

from flowgen.cli.person import Person
from flowgen.cli.session import FAILED, FINDINGS, Session, paths_argument, show_json, usage_error
from flowgen.cli.targets import connected, environment_of, stack_name, target_options


@click.command(name="sync")
@paths_argument
@target_options
@click.option("--json", "as_json", is_flag=True, help="Print what was updated as JSON.")
@click.pass_obj
def command(session: Session, /, paths: tuple[str, ...], *, as_json: bool, **asked: Any) -> None:
    """Update function code and workflows in a development environment within seconds, past CloudFormation.

    PATH is a workflow file or the directory of a project. The default is the project in the current directory. Needs
    an environment with `sync = true`, which was deployed before. The stack's template stays the same; `flowgen deploy`
    makes both equal again. The exit status is 3 if something changed that only a deployment can change.
    """
    report = session.load(paths)
    environment = environment_of(session, report, asked["environment"])
    if environment is None:
        usage_error("select an environment with `sync = true` in pyproject.toml: --env NAME")
    if not environment.sync:
        usage_error(
            f"the environment {environment.name} does not allow `flowgen sync`: use `flowgen deploy`, or write"
            f" `sync = true` under [tool.flowgen.env.{environment.name}] in pyproject.toml"
        )
    cloud = connected(session, asked["region"] or environment.region, asked["profile"] or environment.profile)
    from flowgen.cli.package import packaged
    from flowgen.deploying import Refused, read
    from flowgen.deploying.syncing import NeedsDeployment, sync
    from flowgen.operating import api
    from flowgen.pipeline.packages import image_builds

    images = {one.parameter: one.function for build in report.loaded for one in image_builds(build)}
    if images:
        session.info(f"container images stay as they are: {', '.join(images.values())}")
    _, folder = packaged(session, report, given=images)
    package, person = read(folder), Person(session, report.sources, yes=True)
    name = stack_name(asked["stack"], environment, package.project)
    try:
        with api(cloud.profile):
            done = sync(package, name, cloud, person)
    except Refused as refused:
        session.print_diagnostics(refused.diagnostics, report.sources)
        sys.exit(FINDINGS)
    except NeedsDeployment as reason:
        session.info(f"nothing was updated: {reason}; run `flowgen deploy --env {environment.name}`")
        sys.exit(FAILED)
    if as_json:
        show_json({"stack": name, "functions": list(done.functions), "workflows": list(done.machines)})
    if not (done.functions or done.machines):
        session.info(f"the stack {name} is up to date")
    else:
        session.info(f"the stack {name} differs from its template now, until the next `flowgen deploy`")
