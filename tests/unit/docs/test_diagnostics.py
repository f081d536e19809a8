"""docs/reference/diagnostics.md lists every format, docs/reference/command-line.md every exit status."""

from __future__ import annotations

from flowgen.cli.entry import BUG, PIPE_CLOSED
from flowgen.cli.session import FAILED, FINDINGS, INTERRUPTED, REFUSED_BY_SYSTEM, USAGE
from flowgen.diagnostics.render import FORMATS
from tests.unit.docs.pages import ROOT, code, table

REFERENCE = ROOT / "docs" / "reference"


def test_table_of_formats() -> None:
    """Every format is listed, the default first."""
    assert [code(row[0])[0] for row in table(REFERENCE / "diagnostics.md", "Formats")] == list(FORMATS)


def test_table_of_exit_statuses() -> None:
    """Every exit status is listed."""
    assert [int(row[0]) for row in table(REFERENCE / "command-line.md", "Exit status")] == [
        0,
        *(FINDINGS, USAGE, FAILED, BUG),
        *(REFUSED_BY_SYSTEM, INTERRUPTED, PIPE_CLOSED),
    ]
