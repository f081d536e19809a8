"""docs/diagnostics.md names every code, format and exit status."""

from __future__ import annotations

from flowgen.cli.entry import BUG, PIPE_CLOSED
from flowgen.cli.session import FAILED, FINDINGS, INTERRUPTED, REFUSED_BY_SYSTEM, USAGE
from flowgen.diagnostics import CODES
from flowgen.diagnostics.render import FORMATS
from tests.unit.docs.pages import ROOT, code, table

PAGE = ROOT / "docs" / "diagnostics.md"


def test_table_of_codes() -> None:
    """The page's table is the program's: codes, names, sentences, severities, and which can be silenced."""
    assert [tuple(row) for row in table(PAGE, "Codes")] == [
        (f"`{row.code}`", row.name, row.summary, row.severity.value, "no" if row.stops else "yes")
        for row in CODES.values()
    ]


def test_table_of_formats() -> None:
    """Every format is listed, the default first."""
    assert [code(row[0])[0] for row in table(PAGE, "Formats")] == list(FORMATS)


def test_table_of_exit_statuses() -> None:
    """Every exit status is listed."""
    assert [int(row[0]) for row in table(PAGE, "Exit status")] == [
        0,
        *(FINDINGS, USAGE, FAILED, BUG),
        *(REFUSED_BY_SYSTEM, INTERRUPTED, PIPE_CLOSED),
    ]
