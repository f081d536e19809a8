"""docs/diagnostics.md names every code, format and exit status."""

from __future__ import annotations

import re

from flowgen.cli.entry import BUG, PIPE_CLOSED
from flowgen.cli.session import FAILED, FINDINGS, INTERRUPTED, REFUSED_BY_SYSTEM, USAGE
from flowgen.diagnostics import CODES
from flowgen.diagnostics.render import FORMATS
from tests.unit.docs.pages import ROOT, code, table

PAGE = ROOT / "docs" / "diagnostics.md"


def _codes() -> str:
    """The table of codes in Markdown."""
    rows = (
        f"| `{row.code}` | {row.name} | {row.summary} | {row.severity.value} | {'no' if row.stops else 'yes'} |"
        for row in CODES.values()
    )
    return "\n".join(
        ("| code | name | meaning | severity | can be ignored |", "| --- | --- | --- | --- | --- |", *rows)
    )


def test_table_of_codes(update: bool) -> None:  # noqa: FBT001 - a fixture
    """The table of codes is generated from the explain pages; `pytest --update` writes it."""
    text, expected = PAGE.read_text("utf-8"), _codes()
    if update:
        text = re.sub(r"^\| code \| name \|.*(?:\n\|.*)*", lambda _: expected, text, flags=re.MULTILINE)
        PAGE.write_text(text, "utf-8")
    assert f"\n{expected}\n" in text


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
