"""What `flowgen run`, `flowgen replay` and `flowgen serve` share: how they load and run workflows."""

from __future__ import annotations

import errno
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from flowgen.cli.session import FINDINGS, Session, colored, usage_error
from flowgen.input_files import MAX_BYTES, read_file, read_stream

if TYPE_CHECKING:
    from flowgen.local.mocks import Rules
    from flowgen.local.trace import Style
    from flowgen.pipeline import Build
    from flowgen.running import Program

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_ROLES = {
    "time": "bright_black",
    "name": "bold",
    "ok": "green",
    "caught": "yellow",
    "failed": "red",
    "note": "bright_black",
}


@contextmanager
def made_harmless(errors: TextIO) -> Iterator[None]:
    """While handlers run, their output goes to stderr, without sequences that control a terminal or a CI system.

    So does the output of threads that handlers leave running.
    """
    from flowgen.diagnostics.render.display import HarmlessStream

    streams, threads = (sys.stdout, sys.stderr), set(threading.enumerate())
    sys.stdout = sys.stderr = HarmlessStream(errors)
    try:
        yield
    finally:
        if threads.issuperset(threading.enumerate()):
            sys.stdout, sys.stderr = streams
        else:
            sys.stdout = sys.stderr = HarmlessStream(streams[1])


def load_program(
    session: Session, name: str, parameters: Mapping[str, str], environment: str | None = None, *, express: bool
) -> tuple[Program, Path]:
    """The program called `name`, and the folder from which its callables are imported.

    `parameters` take precedence over the values of an environment.
    """
    from flowgen.running import of_definition, of_workflow

    definition = definition_text(session, name)
    if definition is not None:
        if environment is not None:
            usage_error("--env applies only to workflows of a project; use -p NAME=VALUE for a state machine")
        shown, text = definition
        program, findings = of_definition(Path(name).name.split(".")[0], shown, text, parameters, express=express)
        if findings and (program is None or not session.quiet):
            session.print_diagnostics(findings, {shown: text})
        if program is None:
            sys.exit(FINDINGS)
        return program, session.directory
    if express:
        usage_error("--express applies only to state machines; in a workflow, write `type: express`")
    loaded = session.load_one(name)
    for parameter, value in parameters.items():
        declared = loaded.workflow.parameters.get(parameter)
        if declared is not None and declared.type == "Number" and _NUMBER.fullmatch(value) is None:
            usage_error(f"-p {parameter}: expected a number, found `{value}`")
    values = {**environment_values(session, loaded, environment), **parameters}
    return of_workflow(loaded, workflow_finder(session, loaded), values), loaded.found.project.source_folder


def definition_text(session: Session, name: str) -> tuple[str, str] | None:
    """The shown name and the text of a state machine in Amazon States Language, or None for anything else."""
    from flowgen.pipeline.definitions import is_definition

    path = session.directory / name
    if name.endswith(".json"):
        return Path(name).as_posix(), read_input(session.directory, name, "the state machine")
    if path.suffix not in (".yaml", ".yml") or not path.is_file():
        return None
    try:
        text = read_file(path).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None  # reported as a workflow that cannot be read
    return (Path(name).as_posix(), text) if is_definition(name, text) else None


def environment_values(session: Session, loaded: Build, environment: str | None) -> Mapping[str, str]:
    """The values that an environment sets for parameters; ends the command if they are invalid."""
    if environment is None:
        return {}
    from flowgen.running.environment import values

    found = values(loaded, environment)
    if isinstance(found, dict):
        return found
    session.print_diagnostics(found.diagnostics, found.sources)
    sys.exit(FINDINGS)


def workflow_finder(session: Session, loaded: Build) -> Callable[[str], Build | None]:
    """A function that finds other workflows of the project by name. It reads the project on its first call."""
    known: dict[str, Build] = {}

    def find(name: str) -> Build | None:
        if not known:
            from flowgen.pipeline import check_project

            report = check_project(loaded)
            Session(session.directory, quiet=True).report_or_exit(report)
            known.update({one.workflow.name: one for one in report.loaded})
        return known.get(name)

    return find


def read_mocks(session: Session, program: Program, files: Iterable[str]) -> Rules:
    """The rules in mock files; ends the command if one has an error."""
    from flowgen.diagnostics import Sink
    from flowgen.running import arguments

    texts = {Path(name).as_posix(): read_input(session.directory, name, "the mock file") for name in files}
    sink = Sink()
    rules = arguments.mocks(program, texts, sink)
    if sink:
        session.print_diagnostics(sink, texts)
    if sink.failed:
        sys.exit(FINDINGS)
    return rules


def read_input(base: Path, name: str, what: str, most: int = MAX_BYTES) -> str:
    """The text of a file of at most `most` bytes, or of standard input for `-`; ends the command if it is not UTF-8."""
    try:
        if name == "-":
            return _standard_input(most).decode("utf-8-sig")
        return read_stream(base / name, most).decode("utf-8-sig")
    except OSError as error:
        usage_error(f"cannot read {what} `{name}`: {error.strerror}")
    except UnicodeDecodeError as error:
        usage_error(f"cannot read {what} `{name}`: it is not valid UTF-8: invalid byte at offset {error.start}")


def _standard_input(most: int) -> bytes:
    if sys.stdin is None:
        raise OSError(errno.EBADF, "standard input is closed")
    content = sys.stdin.buffer.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most:,} bytes")
    return content


def _style(text: str, role: str) -> str:
    from flowgen.diagnostics.render.display import harmless

    color, shown = _ROLES.get(role, ""), harmless(text)
    return click.style(shown, bold=True) if color == "bold" else click.style(shown, fg=color or None)


def style_for(*, terminal: bool) -> Style | None:
    """The style of traces on standard output; None for plain text."""
    return _style if colored(terminal) else None
