"""The table of mistakes in docs/explanation/types.md shows what flowgen reports.

`pytest tests/unit/docs --update` writes the messages.
"""

from __future__ import annotations

import re

from flowgen.pipeline import check_text
from tests.unit.docs.pages import ROOT, blocks

PAGE = ROOT / "docs" / "explanation" / "types.md"
_ROW = re.compile(r"^\| (?P<name>[^|]+) \| `` (?P<written>.+?) `` \| (?P<said>(?:\\\||[^|])+) \|", re.MULTILINE)
ROWS = [match.groupdict() for match in _ROW.finditer(PAGE.read_text("utf-8"))]


def test_twenty_rows() -> None:
    """The page promises twenty."""
    assert len(ROWS) == 20


def _reported(row: dict[str, str]) -> str:
    """The code, the message and the help for a mistake, as a cell of the table."""
    contracts = next(block.text for block in blocks(PAGE) if block.has("scaffold")).partition("steps:\n")[0]
    text = contracts + "steps:\n  - {id: a, " + row["written"].replace("\\|", "|") + "}\n"
    [finding] = [one for one in check_text(text) if one.code != "FG209"]
    help_ = f" *{finding.help}*" if finding.help else ""
    return f"{finding.code}: {finding.message}.{help_}".replace("|", "\\|")


def test_what_flowgen_reports(update: bool) -> None:  # noqa: FBT001 - a fixture
    """The code, the message and the help are the program's own."""
    reported = [_reported(row) for row in ROWS]
    if update:
        text = PAGE.read_text("utf-8")
        for row, cell in zip(ROWS, reported, strict=True):
            text = text.replace(f" `` | {row['said']} |", f" `` | {cell} |")
        PAGE.write_text(text, "utf-8")
    assert [match["said"] for match in _ROW.finditer(PAGE.read_text("utf-8"))] == reported
