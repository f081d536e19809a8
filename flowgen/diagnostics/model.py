"""Diagnostics: plain frozen data, created early and rendered late."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Self

from flowgen.diagnostics.passwords import without_passwords
from flowgen.diagnostics.table import CODES, Severity


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A position in a file. `line` and `column` count from 1; columns count code points."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A range in a file, from `start` up to but not including `end`.

    `file` is the path as the user wrote it (POSIX separators), or "" if the finding belongs to no file.
    """

    file: str
    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class Label:
    """A range in a file, and the text to show below its underline."""

    span: Span
    text: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", without_passwords(self.text))


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the contents of `span` with `text`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that resolve the finding when they are applied together, and that are certain to be what the user meant."""

    edits: tuple[Edit, ...]

    @classmethod
    def replace(cls, span: Span, text: str) -> Self:
        """A fix with a single edit."""
        return cls((Edit(span, text),))


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `code` is a key of `table.CODES`; `label` is shown below the underline of `span`.

    Its texts never contain the passwords of addresses, whatever they were made from.

    `span` is None only if there is no file to point to (a missing file, a project without settings).
    """

    code: str
    message: str
    span: Span | None
    label: str = ""
    secondary: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str | None = None
    fix: Fix | None = None

    def __post_init__(self) -> None:
        for name in ("message", "label", "help"):
            text = getattr(self, name)
            if text is not None and (shown := without_passwords(text)) is not text:
                object.__setattr__(self, name, shown)
        if self.notes:
            object.__setattr__(self, "notes", tuple(map(without_passwords, self.notes)))

    @property
    def severity(self) -> Severity:
        return CODES[self.code].severity


@dataclass(slots=True)
class Sink:
    """Collects the findings of a phase. Iteration is sorted by position; identical findings are stored once."""

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
