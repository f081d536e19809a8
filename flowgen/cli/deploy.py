"""`flowgen deploy`."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

import click

from flowgen.cli.person import Person
from flowgen.cli.session import (
    FAILED,
    FINDINGS,
    INTERRUPTED,
    Session,
    asks,
    paths_argument,
    show,
    show_json,
    usage_error,
)
from flowgen.cli.targets import connected, environment_of, interrupted, setting, stack_name, target_options

if TYPE_CHECKING:
    from flowgen.deploying import Cloud, Outcome, Package, Wanted
    from flowgen.environments import Environment, Given
    from flowgen.pipeline import Report


@click.command(name="deploy")
@paths_argument
@target_options
@click.option("--bucket", metavar="NAME", help="An existing bucket for code. By default, flowgen creates one.")
@click.option("-p", "--parameter", "parameters", metavar="NAME=VALUE", multiple=True, help="The value of a parameter.")
@click.option("-y", "--yes", is_flag=True, help="Deploy without asking.")
@click.option("--dry-run", is_flag=True, help="Show the changes without deploying them.")
@click.option(
    "--watch", is_flag=True, help="For development: deploy again after each change of a file, without asking."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def command(
    session: Session, /, paths: tuple[str, ...], *, yes: bool, dry_run: bool, watch: bool, as_json: bool, **asked: Any
) -> None:
    """Deploy workflows to AWS: package, upload, show the changes, ask for confirmation, and deploy.

    PATH is a workflow file or the directory of a project. The default is the project in the current directory. The exit
    status is 1 if nothing was deployed, and 3 if the deployment failed. If you interrupt the command, you can run it
    again.
    """
    if not (yes or dry_run or asks()):
        usage_error("cannot ask for confirmation without a terminal: add --yes to deploy, or --dry-run for a preview")
    if watch:
        if dry_run or as_json:
            usage_error("--watch cannot be combined with --dry-run or --json")
        _watch(session, paths, asked, yes=yes)
    report = session.load(paths)
    environment = environment_of(session, report, asked["environment"])
    # Before packaging, which may take a while: missing credentials are reported immediately.
    cloud = connected(
        session, asked["region"] or setting(environment, "region"), asked["profile"] or setting(environment, "profile")
    )
    given = _given(environment, asked)
    package = _package(session, report, given)
    wanted = _wanted(report, environment, package, asked, given, dry_run=dry_run)
    sources = dict(report.sources) | ({environment.file: environment.text} if environment is not None else {})
    person = Person(session, sources, yes=yes)
    from flowgen.deploying import deploy

    _finish(deploy(package, wanted, cloud, person), wanted, cloud, person, as_json=as_json)


def _watch(session: Session, paths: tuple[str, ...], asked: Mapping[str, Any], *, yes: bool) -> NoReturn:
    """Deploys in a separate process, now and after each change: code that was imported once would stay the same."""
    from functools import partial

    from flowgen.cli.watching import state_of, watch

    report = session.load(paths)
    environment = environment_of(session, report, asked["environment"])
    root = report.loaded[0].found.project.root
    arguments = [sys.executable, "-m", "flowgen", *(["-q"] if session.quiet else []), "-C", str(session.directory)]
    arguments += ["deploy", *paths]
    for name in ("stack", "region", "profile", "bucket"):
        arguments += [f"--{name}={asked[name]}"] if asked[name] is not None else []
    arguments += [f"--env={asked['environment']}"] if asked["environment"] is not None else []
    arguments += [f"--parameter={text}" for text in asked["parameters"]]
    try:
        state = partial(state_of, root)
        first = subprocess.run([*arguments, *(["--yes"] if yes else [])], check=False)  # noqa: S603 - this program
        if first.returncode not in (0, FAILED):
            sys.exit(first.returncode)
        synced = _sync_arguments(arguments) if environment is not None and environment.sync else None
        again = partial(_again, [*arguments, "--yes"], synced)
        watch(again, state, time.sleep, session.info)
    except KeyboardInterrupt:
        interrupted(session, "stopped watching")


def _sync_arguments(arguments: list[str]) -> list[str]:
    """The command that updates code and workflows only."""
    at = arguments.index("deploy")
    only = tuple(f"--{name}=" for name in ("bucket", "parameter"))
    return [*arguments[:at], "sync", *(part for part in arguments[at + 1 :] if not part.startswith(only))]


def _again(deploy: list[str], sync: list[str] | None) -> None:
    """Updates after a change: without CloudFormation if that is allowed and possible."""
    if sync is None or subprocess.run(sync, check=False).returncode == FAILED:  # noqa: S603 - this program
        subprocess.run(deploy, check=False)  # noqa: S603 - this program


def _package(session: Session, report: Report, given: Mapping[str, Given]) -> Package:
    """Packages the workflows as `flowgen package` does, and reads the result."""
    from flowgen.cli.package import packaged
    from flowgen.deploying import read

    _, folder = packaged(session, report, given=given.keys())
    return read(folder, {build.found.project.relative(build.found.path): build.found.shown for build in report.loaded})


def _given(environment: Environment | None, asked: Mapping[str, Any]) -> dict[str, Given]:
    """The values of parameters in the environment and on the command line."""
    from flowgen.environments import Given, given_by

    given: dict[str, Given] = {} if environment is None else given_by(environment)
    for text in asked["parameters"]:
        name, equals, value = text.partition("=")
        if not equals:
            usage_error(f"--parameter {text}: expected NAME=VALUE")
        given[name] = Given(value, "--parameter")
    return given


def _wanted(
    report: Report,
    environment: Environment | None,
    package: Package,
    asked: Mapping[str, Any],
    given: Mapping[str, Given],
    *,
    dry_run: bool,
) -> Wanted:
    from flowgen.deploying import Wanted

    return Wanted(
        stack_name(asked["stack"], environment, package.project),
        asked["bucket"] or setting(environment, "bucket"),
        given,
        {} if environment is None else environment.tags,
        dry_run,
        environment is not None and environment.sync,
        () if given.keys() <= package.parameters.keys() else _known(report),
        {name: one.key.span for loaded in report.loaded for name, one in loaded.workflow.parameters.items()},
    )


def _known(report: Report) -> frozenset[str]:
    """The parameters of all workflows of the project."""
    from flowgen.pipeline import check_project

    return frozenset(name for build in check_project(report.loaded[0]).loaded for name in build.workflow.parameters)


def _finish(outcome: Outcome, wanted: Wanted, cloud: Cloud, person: Person, *, as_json: bool) -> None:
    from flowgen.deploying import Status

    if outcome.diagnostics:
        person.tell(outcome.diagnostics)
    last = {
        Status.UNCHANGED: f"the stack {wanted.stack} is up to date",
        Status.SHOWN: "nothing was changed",
        Status.DECLINED: "nothing was changed",
        Status.INTERRUPTED: "interrupted; the stack was not changed. Run the same command to continue",
        Status.LEFT: (
            f"if AWS received the request, the deployment of the stack {wanted.stack} continues. To watch it, run the"
            " same command; to stop an update, run"
            f" {cloud.command(f'cloudformation cancel-update-stack --stack-name {wanted.stack}')}"
        ),
    }.get(outcome.status)
    if outcome.stack is not None and last is None:
        last = f"the stack {outcome.stack.name} is in {outcome.stack.status}"
    if last is not None:
        person.say(last)
    if as_json:
        show_json(_json(outcome, wanted))
    elif outcome.status in (Status.DEPLOYED, Status.UNCHANGED) and outcome.stack is not None:
        width = max(map(len, outcome.stack.outputs), default=0)
        for name, value in outcome.stack.outputs.items():
            show(f"{name:{width}}  {value}")
    sys.exit(_exit(outcome))


def _exit(outcome: Outcome) -> int:
    from flowgen.deploying import Status

    match outcome.status:
        case Status.DEPLOYED | Status.UNCHANGED | Status.SHOWN:
            return 0
        case Status.FAILED:
            return FAILED
        case Status.INTERRUPTED:
            return INTERRUPTED
        case Status.LEFT:
            return FINDINGS if outcome.diagnostics else INTERRUPTED
        case _:
            return FINDINGS


def _json(outcome: Outcome, wanted: Wanted) -> dict[str, Any]:
    return {
        "status": outcome.status,
        "stack": wanted.stack,
        "stack_status": None if outcome.stack is None else outcome.stack.status,
        "changes": [
            {"action": change.action, "logical_id": "/".join((*change.stack, change.logical_id)), "type": change.type}
            for change in outcome.changes
        ],
        "outputs": {} if outcome.stack is None else dict(outcome.stack.outputs),
    }
