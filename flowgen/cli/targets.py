"""What the commands for deployed workflows share: the options that select a stack, and the connection to AWS."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

import click

from flowgen.cli.session import FINDINGS, INTERRUPTED, Session, asks, usage_error

if TYPE_CHECKING:
    from pathlib import Path

    from flowgen.deploying import Cloud
    from flowgen.environments import Environment
    from flowgen.operating import Execution, Machine
    from flowgen.pipeline import Build, Report, Unread
    from flowgen.project import Project
    from flowgen.running.masking import Secrets

_OPTIONS = (
    click.option("--env", "environment", metavar="NAME", help="An environment in pyproject.toml."),
    click.option(
        "--stack",
        metavar="NAME",
        help="The name of the stack. By default, the names of the project and the environment.",
    ),
    click.option("--region", metavar="REGION", help="The AWS region. By default, the AWS SDK's configuration."),
    click.option("--profile", metavar="NAME", help="A profile of the AWS CLI."),
)


def target_options(function: click.decorators.FC) -> click.decorators.FC:
    """The options `--env`, `--stack`, `--region` and `--profile`."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def workflow_option(function: click.decorators.FC) -> click.decorators.FC:
    """The option `--workflow`, for commands whose argument is something else."""
    return click.option(
        "-w",
        "--workflow",
        "path",
        metavar="PATH",
        default=".",
        help="A workflow file or the directory of a project. By default, the current directory.",
    )(function)


def environment_of(session: Session, report: Report, name: str | None) -> Environment | None:
    """The environment with a name; ends the command if there is none, or if there are several projects."""
    project = _only({build.found.project.root: build.found.project for build in report.loaded})
    return environment_named(session, project, name)


def environment_named(session: Session, project: Project, name: str | None) -> Environment | None:
    """The environment of a project with a name; ends the command if there is none."""
    if name is None:
        return None
    from flowgen.diagnostics import Diagnostic
    from flowgen.environments import find

    found = find(project.environments, name)
    if isinstance(found, Diagnostic):
        session.print_diagnostics([found], {})
        sys.exit(FINDINGS)
    return found


def setting(environment: Environment | None, key: str) -> str | None:
    """The value of a setting of an environment, if there is one."""
    value: str | None = None if environment is None else getattr(environment, key)
    return value


def stack_name(asked: str | None, environment: Environment | None, project: str) -> str:
    """The stack that the user asked for, or that of the environment, or the names of both."""
    name = project if environment is None else f"{project}-{environment.name}"
    return asked or setting(environment, "stack") or re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")


def connected(session: Session, region: str | None, profile: str | None) -> Cloud:
    """The connection to AWS; ends the command if there is none."""
    from flowgen.deploying import Refused, connect
    from flowgen.deploying.cloud import NoBoto

    try:
        return connect(region, profile, time.sleep)
    except NoBoto as problem:
        usage_error(str(problem))
    except Refused as refused:
        session.print_diagnostics(refused.diagnostics, {})
        sys.exit(FINDINGS)


@dataclass(frozen=True, slots=True)
class Target:
    """Workflows of a project, and the stack in which they are deployed.

    `unread` are workflows whose files cannot be read.
    """

    session: Session
    builds: Sequence[Build]
    sources: Mapping[str, str]
    cloud: Cloud
    stack: str
    environment: Environment | None
    unread: Collection[Unread] = ()

    def machines(self) -> list[Machine]:
        """The deployed workflows. Raises `Refused` (FG703)."""
        from flowgen.operating import machines

        return machines(self.cloud, self.stack, self.builds, [one.name for one in self.unread])

    def machine(self) -> Machine:
        """The one deployed workflow. Raises `Refused` (FG703)."""
        return self.machines()[0]

    def secrets(self) -> Secrets:
        """What traces must not show."""
        from flowgen.environments import as_text, is_secret
        from flowgen.running.masking import secrets_of

        workflows = [build.workflow for build in self.builds]
        given = {} if self.environment is None else self.environment.parameters
        hidden = {name for workflow in workflows for name, one in workflow.parameters.items() if is_secret(one.content)}
        # A file that cannot be read may declare any parameter as secret.
        texts = [as_text(value) for name, value in given.items() if name in hidden or self.unread]
        return secrets_of(workflows, texts, [one.text for one in self.unread])


def target(session: Session, report: Report, asked: Mapping[str, Any]) -> Target:
    """The stack of workflows without errors."""
    environment = environment_of(session, report, asked["environment"])
    cloud, stack = selected(session, report.loaded[0].found.project, environment, asked)
    return Target(session, report.loaded, report.sources, cloud, stack, environment)


def target_at(session: Session, paths: tuple[str, ...], asked: Mapping[str, Any], region: str | None = None) -> Target:
    """The stack of the workflows at `paths`, which may have errors; `region` is that of an ARN.

    Ends the command if the project has no workflow, or if the settings of their project have an error.
    """
    from flowgen.pipeline import read_paths

    found = read_paths(paths, session.directory)
    if not found.files or any(one.severity == "error" for one in found.diagnostics):
        session.print_diagnostics(found.diagnostics, {})
        sys.exit(FINDINGS)
    project = _only({file.project.root: file.project for file in found.files})
    for one in found.unread:
        session.info(f"cannot read {one.shown} (see `flowgen check`): using what the stack says about this workflow")
    environment = environment_named(session, project, asked["environment"])
    cloud, stack = selected(session, project, environment, asked, region)
    sources = {build.found.shown: build.source.text for build in found.builds}
    return Target(session, found.builds, sources, cloud, stack, environment, found.unread)


def _only(projects: Mapping[Path, Project]) -> Project:
    """The project; ends the command if there are several."""
    if len(projects) != 1:
        usage_error("these workflows belong to several projects; select one project at a time")
    return next(iter(projects.values()))


def selected(
    session: Session,
    project: Project,
    environment: Environment | None,
    asked: Mapping[str, Any],
    region: str | None = None,
) -> tuple[Cloud, str]:
    """The connection to AWS and the name of the stack that options select."""
    from flowgen.packaging.requirements import project_name

    cloud = connected(
        session,
        asked["region"] or region or setting(environment, "region"),
        asked["profile"] or setting(environment, "profile"),
    )
    return cloud, stack_name(asked["stack"], environment, project_name(project))


@contextmanager
def reported(target: Target) -> Iterator[None]:
    """Ends the command with the diagnostics of what AWS rejects, and with a usage error for invalid arguments."""
    from flowgen.deploying import Refused
    from flowgen.operating import NotValid, api

    try:
        with api(target.cloud.profile):
            yield
    except Refused as refused:
        target.session.print_diagnostics(refused.diagnostics, target.sources)
        sys.exit(FINDINGS)
    except NotValid as problem:
        usage_error(str(problem))


def found_execution(target: Target, text: str) -> tuple[Execution, Machine | None]:
    """The execution that an argument means, and its workflow. An ARN needs no stack.

    Raises `Refused` (FG703, FG704) and `NotValid`.
    """
    from flowgen.deploying import Refused
    from flowgen.operating import execution_arn, find

    try:
        machines = target.machines()
    except Refused:
        if execution_arn(text) is None:
            raise
        machines = []
    return find(target.cloud, machines, text)


def region_of(text: str) -> str | None:
    """The region of an ARN; None for a name. Ends the command if it is not valid."""
    from flowgen.operating import NotValid, execution_arn, execution_name, map_run_arn

    run = map_run_arn(text)
    if run is not None:
        return run.region
    try:
        arn = execution_arn(text)
        if arn is None:
            execution_name(text)
    except NotValid as problem:
        usage_error(str(problem))
    return None if arn is None else arn.region


def now() -> datetime:
    """The present."""
    return datetime.now(UTC)


def moment_of(text: str, option: str) -> datetime:
    """The moment of a time or a duration ago; ends the command if it is not valid."""
    from flowgen.operating import NotValid, moment

    try:
        return moment(text, now())
    except NotValid as problem:
        usage_error(f"{option}: {problem}")


def agrees(yes: bool, question: str) -> bool:  # noqa: FBT001 - a flag of the command line
    """Whether the user agrees. Call `can_ask` first."""
    if yes:
        return True
    try:
        return click.confirm(question, err=True)
    except click.Abort:
        click.echo(err=True)
        raise KeyboardInterrupt from None


def can_ask(yes: bool, what: str) -> None:  # noqa: FBT001 - a flag of the command line
    """Ends the command if it must ask, and there is nobody to answer."""
    if not (yes or asks()):
        usage_error(f"cannot ask for confirmation without a terminal: add --yes to {what}")


def interrupted(session: Session, text: str) -> NoReturn:
    """Ends the command after Ctrl-C, and says what continues in AWS."""
    session.info(f"\ninterrupted; {text}" if sys.stderr.isatty() else f"interrupted; {text}")
    sys.exit(INTERRUPTED)


def read_value(session: Session, given: str, what: str) -> Any:
    """The JSON value of an option: JSON, `@FILE`, or `-` for stdin; ends the command if it is not valid."""
    from flowgen.asl.json_text import parse
    from flowgen.cli.programs import read_input

    from_file = given == "-" or given[:1] == "@"
    text = read_input(session.directory, given.removeprefix("@"), f"the file of {what}") if from_file else given
    try:
        return parse(text)
    except ValueError as error:
        usage_error(f"{what} is not valid JSON: {error}")
