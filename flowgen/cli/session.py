"""What every command shares: where it works, how it prints findings, and with what status it ends."""

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
"""128 and the number of SIGINT, as shells have it."""

REFUSED_BY_SYSTEM = 74
"""EX_IOERR of sysexits.h: the disk, a pipe or the terminal refused, and the command was used rightly."""


class _RefusedError(click.ClickException):
    """Printed without how the command is used."""

    exit_code = REFUSED_BY_SYSTEM


@dataclass(frozen=True, slots=True)
class Session:
    """`directory` is where the command works (`-C`), `errors` where it prints everything but its result.

    While handlers run, `sys.stdout` and `sys.stderr` are streams of theirs.
    """

    directory: Path
    quiet: bool = False
    errors: TextIO = field(default_factory=lambda: sys.stderr)

    def say(self, text: str) -> None:
        """Progress and other news, for people."""
        if not self.quiet:
            show(text, self.errors)

    def tell(
        self, diagnostics: Iterable[Diagnostic], sources: Mapping[str, str], form: str = "text", *, result: bool = False
    ) -> None:
        """Prints findings: on stdout where they are the command's result, else on stderr."""
        findings = tuple(diagnostics)
        if not findings and not result:
            return  # and load nothing that would print nothing
        from flowgen.diagnostics.render import ANSI, FORMATS, PLAIN

        stream = sys.stdout if result else self.errors
        style = ANSI if coloured(stream.isatty()) else PLAIN
        click.echo(FORMATS[form](findings, sources, style), nl=False, file=stream, color=True)

    def load(self, paths: tuple[str, ...]) -> Report:
        """The workflows that `paths` name; ends the command where one has an error."""
        from flowgen.pipeline import check_paths

        report = check_paths(paths, self.directory)
        self.told(report)
        return report

    def told(self, report: Report) -> None:
        """Prints what a report found; ends the command where there is an error."""
        if report.failed:
            self.tell(report.diagnostics, report.sources)
            sys.exit(FINDINGS)
        if not self.quiet:
            self.tell(report.diagnostics, report.sources)

    def load_one(self, path: str) -> Build:
        """The one workflow that `path` names: a file, or a project that has only one."""
        report = self.load((path,))
        if len(report.loaded) != 1:
            names = ", ".join(loaded.found.shown for loaded in report.loaded)
            refuse(f"'{path}' has several workflows; name one of them: {names}")
        return report.loaded[0]


def coloured(terminal: bool) -> bool:  # noqa: FBT001 - the one thing it is about
    """Whether to print colours (https://no-color.org)."""
    return terminal and not os.environ.get("NO_COLOR")


def show(text: str, stream: TextIO | None = None) -> None:
    """Prints text for people, on stdout by default; nothing in it steers a terminal or a CI system."""
    from flowgen.diagnostics.render.display import harmless

    target = stream or sys.stdout
    click.echo(harmless(text, styled=coloured(target.isatty())), file=target, color=True)


def show_json(value: Any, stream: TextIO | None = None) -> None:
    """Prints a JSON value for programs, on stdout by default."""
    from flowgen.diagnostics.render.display import harmless_json

    click.echo(harmless_json(json.dumps(value, indent=2, ensure_ascii=False)), file=stream)


def refuse(message: str) -> NoReturn:
    """Ends the command for wrong usage."""
    raise click.UsageError(_harmless(message))


def give_up(message: str) -> NoReturn:
    """Ends the command because the disk refuses something, or files change under it."""
    raise _RefusedError(_harmless(message))


def _harmless(message: str) -> str:
    from flowgen.diagnostics.render.display import harmless

    return harmless(message)


def paths_argument(function: click.decorators.FC) -> click.decorators.FC:
    """The argument `[PATH]...`: workflow files, or folders of projects."""
    return click.argument("paths", nargs=-1, metavar="[PATH]...")(function)
