"""`flowgen serve`."""

from __future__ import annotations

import importlib
import os
import signal
import site
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flowgen.cli.programs import (
    definition_text,
    environment_values,
    made_harmless,
    read_input,
    read_mocks,
    workflow_finder,
)
from flowgen.cli.session import FINDINGS, Session, fail, paths_argument, show, usage_error

if TYPE_CHECKING:
    from flowgen.running import Options, Program
    from flowgen.serving import Reload, Settings

PORT = 8083
"""The port of Step Functions Local."""

POLL = 0.5
"""Seconds between two looks for changed files."""


@click.command(name="serve")
@paths_argument
@click.option(
    "--port", metavar="N", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0: any free."
)
@click.option("--host", metavar="ADDRESS", default="127.0.0.1", help="Listen on this address instead of 127.0.0.1.")
@click.option("--allow-host", "hosts", metavar="NAME", multiple=True, help="A further name of this host for clients.")
@click.option("--account", metavar="ID", default="123456789012", show_default=True, help="The AWS account in ARNs.")
@click.option("--region", metavar="NAME", default="us-east-1", show_default=True, help="The AWS region in ARNs.")
@click.option("--mock", "mocks", metavar="FILE", multiple=True, help="File of mock results (YAML or JSON).")
@click.option("--mock-config", metavar="FILE", help="MockConfigFile.json of Step Functions Local.")
@click.option("--task", "tasks", metavar="NAME=MODULE:FUNCTION", multiple=True, help="Replace a function or ARN.")
@click.option("--aws", metavar="real|mock|URL", default="mock", help="Call AWS, only mocks (default), or an endpoint.")
@click.option("--s3", metavar="DIR", help="A directory to use instead of S3: DIR/bucket/key.")
@click.option("-p", "--parameter", "parameters", metavar="NAME=VALUE", multiple=True, help="The value of ${NAME}.")
@click.option("--env", "environment", metavar="NAME", help="Use the parameters of an environment in pyproject.toml.")
@click.option("--lambda-endpoint", metavar="URL", help="Call other Lambda functions here (`sam local start-lambda`).")
@click.option("--real-time", is_flag=True, help="Wait in real time instead of skipping waits.")
@click.option(
    "--time-scale", metavar="N", type=click.FloatRange(0, 1e6, min_open=True), help="Wait N times as fast as real time."
)
@click.option("--reload", is_flag=True, help="Reload workflows and handlers when files change.")
@click.option(
    "--workers", metavar="N", type=click.IntRange(1, 1000), default=16, help="How many handlers run concurrently."
)
@click.option("--limit", metavar="DURATION", help="Maximum real duration of a handler. By default, its timeout.")
@click.option(
    "--keep", metavar="N", type=click.IntRange(1), default=10_000, help="How many finished executions to keep."
)
@click.option("--data", metavar="FILE", help="Keep everything in this file (SQLite) across restarts.")
@click.option("--seed", metavar="N", type=int, default=0, help="The seed for jitter, $random() and ids.")
@click.pass_obj
def command(session: Session, /, paths: tuple[str, ...], **asked: Any) -> None:
    """Serve the Step Functions API on this machine.

    The workflows at PATH (workflow files, project directories, or state machines in Amazon States Language) are its
    state machines; by default, those of the current project. Clients such as boto3 can create more. Waits are skipped,
    unless a task waits for a client. The address also has a page for browsers. Stop the server with Ctrl-C or SIGTERM.
    """
    # Handlers may change the working directory.
    session = replace(session, directory=session.directory.absolute())
    result = sys.stdout
    with made_harmless(session.errors):
        programs, folder = _programs(session, paths, asked)
        settings = _settings(session, programs, folder, asked)
        data = None if asked["data"] is None else session.directory / asked["data"]
        loaded: list[Reload] = []
        with _serving(settings, programs, asked, data, loaded.append) as url:
            show(f"Serving the Step Functions API on {url} (stop it with Ctrl-C)", result)
            for program in programs:
                show(f"arn:aws:states:{settings.region}:{settings.account}:stateMachine:{program.name}", result)
            result.flush()
            _until_stopped(_reloading(session, paths, asked, loaded[0]) if asked["reload"] else lambda: None)
    session.info("Stopped.")


@contextmanager
def _serving(
    settings: Settings,
    programs: list[Program],
    asked: Mapping[str, Any],
    data: Path | None,
    on_start: Callable[[Reload], object],
) -> Iterator[str]:
    from flowgen.serving import AddressInUse, serve
    from flowgen.serving.api_errors import ApiError
    from flowgen.serving.service_model import NoModel
    from flowgen.serving.store import UnusableFile

    try:
        where = {name: asked[name] for name in ("host", "port", "hosts")}
        with serve(settings, programs, **where, data=data, on_start=on_start) as url:
            yield url
    except AddressInUse as problem:
        fail(str(problem))
    except UnusableFile as problem:
        usage_error(f"--data: {problem}")
    except NoModel:
        usage_error("this command requires boto3: pip install 'flowgen-aws[serve]'")
    except ApiError as problem:
        usage_error(problem.message)


def _reloading(
    session: Session, paths: tuple[str, ...], asked: Mapping[str, Any], reload: Reload
) -> Callable[[], None]:
    """A function that reloads workflows and handlers if files have changed."""
    from flowgen.cli.watching import Changes, state_of
    from flowgen.serving.api_errors import ApiError

    written = [str(session.directory / asked[name]) for name in ("data", "s3") if asked[name] is not None]

    def state() -> dict[str, tuple[int, int]]:
        found = state_of(session.directory).items()
        return {path: stamp for path, stamp in found if not path.startswith(tuple(written))}

    changes = Changes(state)

    def look() -> None:
        names = changes.names()
        if names is None:
            return
        session.info(f"changed: {names}")
        try:
            _forget_modules(session.directory)
            programs, folder = _programs(session, paths, asked)
            reload(_settings(session, programs, folder, asked), programs)
        except SystemExit:
            session.info("not reloaded; the server continues with what it has")
        except ApiError as problem:
            session.info(f"not reloaded: {problem.message}")
        else:
            session.info("reloaded")

    return look


def _forget_modules(folder: Path) -> None:
    """Let the next import of the project's modules read their files again."""
    installed = {Path(path).resolve() for path in site.getsitepackages()}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file is None or name == "__main__":
            continue
        path = Path(file).resolve()
        if path.is_relative_to(folder.resolve()) and not any(path.is_relative_to(other) for other in installed):
            del sys.modules[name]
    importlib.invalidate_caches()


def _until_stopped(look: Callable[[], None]) -> None:
    """Wait for SIGINT or SIGTERM, and look for changes meanwhile."""
    stopped = threading.Event()
    before = {number: signal.signal(number, lambda *_: stopped.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        # On Windows, a wait without a limit can't be interrupted.
        while not stopped.wait(POLL):
            look()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _programs(session: Session, paths: tuple[str, ...], asked: Mapping[str, Any]) -> tuple[list[Program], Path]:
    """The programs at the paths, and the folder from which their callables are imported."""
    from flowgen.running import arguments, of_definition, of_workflow
    from flowgen.serving.child_arns import with_child_arns

    try:
        parameters = arguments.parameters(asked["parameters"])
    except arguments.BadArgument as problem:
        usage_error(str(problem))
    programs, workflows, folder = [], [], session.directory
    for path in paths:
        definition = definition_text(session, path)
        if definition is None:
            workflows.append(path)
            continue
        shown, text = definition
        program, findings = of_definition(Path(path).name.split(".")[0], shown, text, parameters)
        session.print_diagnostics(findings, {shown: text})
        if program is None:
            sys.exit(FINDINGS)
        programs.append(program)
    if workflows or (not paths and _is_project(session.directory)):
        loaded = session.load(tuple(workflows)).loaded
        for build in loaded:
            values = {**environment_values(session, build, asked["environment"]), **parameters}
            program = of_workflow(build, workflow_finder(session, build), values)
            programs.append(with_child_arns(program, asked["account"], asked["region"]))
            folder = build.found.project.source_folder
    names = [program.name for program in programs]
    for name in names:
        if names.count(name) > 1:
            usage_error(f"two state machines are called `{name}`; serve one of them")
    return programs, folder


def _is_project(directory: Path) -> bool:
    """Whether the directory belongs to a project. Elsewhere the server starts empty, whatever YAML files there are."""
    from flowgen.diagnostics import Sink
    from flowgen.project import find_project

    project = find_project(directory, Sink())
    return (project.root / project.workflows).is_dir()


def _settings(session: Session, programs: list[Program], folder: Path, asked: Mapping[str, Any]) -> Settings:
    from flowgen.running import Program, arguments
    from flowgen.running.endpoints import from_environment
    from flowgen.running.options import Asked, options_for
    from flowgen.serving import Settings
    from flowgen.serving.mock_config import InvalidMockConfig, MockConfig, read_mock_config

    together = Program(
        "all",
        {},
        machines={
            **{key: definition for program in programs for key, definition in program.machines.items()},
            **{program.name: program.definition for program in programs},
        },
        called={state: called for program in programs for state, called in program.called.items()},
        results={name: found for program in programs for name, found in program.results.items()},
    )
    endpoints = from_environment(os.environ)
    if asked["lambda_endpoint"] is not None:
        endpoints["LAMBDA"] = asked["lambda_endpoint"]
    rules = read_mocks(session, together, asked["mocks"])
    common = Asked(
        rules,
        clock=(time.monotonic, time.sleep),
        aws=asked["aws"],
        endpoints=endpoints,
        s3=None if asked["s3"] is None else session.directory / asked["s3"],
        limit=asked["limit"],
    )

    def options(program: Program) -> Options:
        return options_for(program, replace(common, tasks=arguments.tasks(program, asked["tasks"], folder)))

    config = MockConfig()
    try:
        options(together)  # so that invalid arguments are reported before the server starts
        if asked["mock_config"] is not None:
            config = read_mock_config(read_input(session.directory, asked["mock_config"], "the mock configuration"))
    except arguments.BadArgument as problem:
        usage_error(str(problem))
    except InvalidMockConfig as problem:
        usage_error(f"--mock-config {asked['mock_config']}: {problem}")
    return Settings(
        now=lambda: datetime.now(UTC),
        clock=time.monotonic,
        options_for=options,
        mock_config=config,
        account=asked["account"],
        region=asked["region"],
        real_time=asked["real_time"] or asked["time_scale"] is not None,
        time_scale=asked["time_scale"] or 1.0,
        keep=asked["keep"],
        workers=asked["workers"],
        seed=asked["seed"],
    )
