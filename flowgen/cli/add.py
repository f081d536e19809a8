"""`flowgen add`."""

from __future__ import annotations

import os
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import click

from flowgen.cli.session import FINDINGS, Session, fail, usage_error
from flowgen.input_files import read_file

if TYPE_CHECKING:
    from flowgen.project import Found, Project

SCHEMA = Path("schemas", "workflow.schema.json")


@click.group(name="add")
def command() -> None:
    """Add a workflow or a function to the project in the current directory."""


@command.command(name="workflow")
@click.argument("name")
@click.pass_obj
def add_workflow(session: Session, name: str) -> None:
    """Create the workflow NAME, with a test, and generate its code.

    NAME has lower-case letters, digits and `_`, as in `send_invoice`. Existing files are never changed.
    """
    from flowgen.backends.writing import Action, Change, Plan, write
    from flowgen.pipeline.additions import new_test, new_workflow

    _check_name(name)
    project = _project(session)
    file = project.root / project.workflows / f"{name}.yaml"
    schema = project.root / SCHEMA
    shown = project.relative(file)
    texts = {
        shown: new_workflow(name, schema if schema.is_file() else None, file.parent),
        f"tests/test_{name}.py": new_test(name, shown),
    }
    for path in texts:
        if os.path.lexists(project.root / path):
            usage_error(f"'{path}' already exists")
    try:
        changes = (Change(PurePosixPath(path), Action.CREATE, text) for path, text in texts.items())
        write(Plan(tuple(changes), ()), project.root)
    except OSError as error:
        fail(f"cannot write '{error.filename or shown}': {error.strerror}")
    for path in texts:
        session.info(f"create  {path}")
    _generate()
    session.info(f"\nEdit {shown}, add its functions with `flowgen add function NAME`, and run `flowgen check`.")


@command.command(name="function")
@click.argument("name")
@click.option("--to", "workflow", metavar="PATH", help="The workflow file. Required if the project has several.")
@click.pass_obj
def add_function(session: Session, name: str, workflow: str | None) -> None:
    """Declare the function NAME in a workflow, and create its stub.

    The other lines of the workflow file are not changed.
    """
    from flowgen.backends.writing import replace_whole
    from flowgen.diagnostics import Sink
    from flowgen.pipeline.additions import CannotAddError, with_function
    from flowgen.project import discover

    _check_name(name)
    sink = Sink()
    found = discover((workflow,) if workflow is not None else (), sink, session.directory)
    if sink.failed:
        session.print_diagnostics(sink, {})
        sys.exit(FINDINGS)
    one = _only(found)
    try:
        before = read_file(one.path).decode("utf-8")
        replace_whole(one.path, with_function(before, name, one.shown).encode())
    except (CannotAddError, UnicodeDecodeError) as error:
        usage_error(str(error))
    except OSError as error:
        fail(f"cannot write '{one.shown}': {error.strerror}")
    session.info(f"change  {one.shown}")
    _generate()
    session.info(f"\nDeclare its input and output in {one.shown}, and call it in a step: `call: {name}`.")


def _only(found: list[Found]) -> Found:
    if len(found) != 1:
        names = ", ".join(one.shown for one in found)
        usage_error(f"the project has several workflows; choose one with --to: {names}")
    return found[0]


def _check_name(name: str) -> None:
    from flowgen.diagnostics import Sink
    from flowgen.model.element import Reading, Unread
    from flowgen.model.leaves import check_python_name
    from flowgen.source import Scalar, Style, Text

    sink = Sink()
    try:
        check_python_name(Scalar(Text("NAME", name), 0, len(name), name, name, Style.PLAIN), Reading(sink))
    except Unread:
        [problem] = sink
        usage_error(problem.message + (f"; {problem.help}" if problem.help else ""))


def _project(session: Session) -> Project:
    from flowgen.diagnostics import Sink
    from flowgen.project import find_project

    sink = Sink()
    project = find_project(session.directory, sink, session.directory)
    if sink.failed:
        session.print_diagnostics(sink, {})
        sys.exit(FINDINGS)
    return project


def _generate() -> None:
    """What `flowgen generate` does. Other workflows of the project may have errors, which are reported."""
    from flowgen.cli.generate import command as generate

    click.get_current_context().invoke(generate, paths=(), only_check=False, overwrite=False)
