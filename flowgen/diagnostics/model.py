"""What a diagnostic is: plain frozen data, made early and turned into text late."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from flowgen.diagnostics.table import CODES, Severity


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a text: `line` and `column` count from 1, columns in code points."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a file, from `start` up to but not including `end`.

    `file` is the path as the user gave it (POSIX separators), or "" where the finding belongs to no file.
    """

    file: str
    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class Label:
    """A stretch of a file and what is to be said of it, under its underline."""

    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True)
class Fix:
    """A replacement that mends the finding: put `text` in the place of `span`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `code` is a key of `table.CODES`; `label` stands under the underline of `span`.

    `span` is None only where there is no file to point at (a file that is missing, a project without settings).
    """

    code: str
    message: str
    span: Span | None
    label: str = ""
    secondary: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str | None = None
    fix: Fix | None = None

    @property
    def severity(self) -> Severity:
        return CODES[self.code].severity


@dataclass(slots=True)
class Sink:
    """Where a phase puts what it finds. Findings come out sorted by place; the same finding is kept once."""

    _found: dict[Diagnostic, None] = field(default_factory=dict)

    def add(self, diagnostic: Diagnostic) -> None:
        self._found.setdefault(diagnostic)

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        for diagnostic in diagnostics:
            self.add(diagnostic)

    @property
    def failed(self) -> bool:
        return any(diagnostic.severity is Severity.ERROR for diagnostic in self._found)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(sorted(self._found, key=_place))

    def __len__(self) -> int:
        return len(self._found)


_NOWHERE = Span("", Position(0, 0), Position(0, 0))


def _place(diagnostic: Diagnostic) -> tuple[Span, str, str]:
    return (diagnostic.span or _NOWHERE, diagnostic.code, diagnostic.message)
