"""What all commands share: the working directory, printing, and exit statuses."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import click

if TYPE_CHECKING:
    from flowgen.diagnostics import Diagnostic
    from flowgen.pipeline import Build, Report

FINDINGS = 1
USAGE = 2
FAILED = 3
INTERRUPTED = 130
"""128 plus the number of SIGINT, as in shells."""

REFUSED_BY_SYSTEM = 74
"""EX_IOERR of sysexits.h: the disk, a pipe or the terminal failed, although the command was used correctly."""


class _FailedError(click.ClickException):
    """Printed without the usage of the command."""

    exit_code = REFUSED_BY_SYSTEM


@dataclass(frozen=True, slots=True)
class Session:
    """`directory` is the working directory (`-C`). `errors` receives all output except the result.

    While handlers run, `sys.stdout` and `sys.stderr` are redirected, so `errors` may differ from `sys.stderr`.
    """

    directory: Path
    quiet: bool = False
    errors: TextIO = field(default_factory=lambda: sys.stderr)

    def info(self, text: str) -> None:
        """Prints progress and other information for people."""
        if not self.quiet:
            show(text, self.errors)

    def print_diagnostics(
        self, diagnostics: Iterable[Diagnostic], sources: Mapping[str, str], form: str = "text", *, result: bool = False
    ) -> None:
        """Prints findings: on stdout if they are the result of the command, else on stderr."""
        findings = tuple(diagnostics)
        if not findings and not result:
            return  # without loading the renderers
        from flowgen.diagnostics.render import ANSI, FORMATS, PLAIN

        stream = sys.stdout if result else self.errors
        style = ANSI if colored(stream.isatty()) else PLAIN
        click.echo(FORMATS[form](findings, sources, style), nl=False, file=stream, color=True)

    def load(self, paths: tuple[str, ...]) -> Report:
        """The workflows at `paths`; ends the command if one has an error."""
        from flowgen.pipeline import check_paths

        report = check_paths(paths, self.directory)
        self.report_or_exit(report)
        return report

    def report_or_exit(self, report: Report) -> None:
        """Prints the findings of a report; ends the command if there is an error."""
        if report.failed:
            self.print_diagnostics(report.diagnostics, report.sources)
            sys.exit(FINDINGS)
        if not self.quiet:
            self.print_diagnostics(report.diagnostics, report.sources)

    def load_one(self, path: str) -> Build:
        """The workflow at `path`: a file, or a project with a single workflow."""
        report = self.load((path,))
        if len(report.loaded) != 1:
            names = ", ".join(loaded.found.shown for loaded in report.loaded)
            usage_error(f"'{path}' has several workflows; choose one of them: {names}")
        return report.loaded[0]


def colored(terminal: bool) -> bool:  # noqa: FBT001 - the only parameter
    """Whether to print colors (https://no-color.org)."""
    return terminal and not os.environ.get("NO_COLOR")


def asks() -> bool:
    """Whether somebody can answer questions. Python has no standard input if the shell closed it (`<&-`)."""
    return sys.stdin is not None and sys.stdin.isatty()


def show(text: str, stream: TextIO | None = None) -> None:
    """Prints text for people, on stdout by default, without sequences that control a terminal or a CI system."""
    from flowgen.diagnostics.render.display import harmless

    target = stream or sys.stdout
    click.echo(harmless(text, styled=colored(target.isatty())), file=target, color=True)


def show_json(value: Any, stream: TextIO | None = None) -> None:
    """Prints a JSON value for programs, on stdout by default."""
    from flowgen.diagnostics.render.display import harmless_json

    click.echo(harmless_json(json.dumps(value, indent=2, ensure_ascii=False)), file=stream)


def usage_error(message: str) -> NoReturn:
    """Ends the command because it was used incorrectly."""
    raise click.UsageError(_harmless(message))


def fail(message: str) -> NoReturn:
    """Ends the command because of an I/O error, or because files changed while it ran."""
    raise _FailedError(_harmless(message))


def _harmless(message: str) -> str:
    from flowgen.diagnostics.render.display import harmless

    return harmless(message)


def paths_argument(function: click.decorators.FC) -> click.decorators.FC:
    """The argument `[PATH]...`: workflow files or project directories."""
    return click.argument("paths", nargs=-1, metavar="[PATH]...")(function)
