"""The table of mistakes in `docs/types.md`: flowgen says of each what stands there."""

from __future__ import annotations

import re

import pytest

from flowgen.pipeline import check_text
from tests.unit.docs.pages import ROOT, blocks

PAGE = ROOT / "docs" / "types.md"
_ROW = re.compile(r"^\| (?P<name>[^|]+) \| `` (?P<written>.+?) `` \| (?P<said>(?:\\\||[^|])+) \|", re.MULTILINE)
ROWS = [match.groupdict() for match in _ROW.finditer(PAGE.read_text("utf-8"))]


def test_twenty_rows() -> None:
    """The page promises twenty."""
    assert len(ROWS) == 20


@pytest.mark.parametrize("row", ROWS, ids=[row["name"] for row in ROWS])
def test_what_flowgen_says(row: dict[str, str]) -> None:
    """The code, the message and the help are the program's own."""
    contracts = next(block.text for block in blocks(PAGE) if block.has("scaffold")).partition("steps:\n")[0]
    text = contracts + "steps:\n  - {id: a, " + row["written"].replace("\\|", "|") + "}\n"
    [finding] = [one for one in check_text(text) if one.code != "FG209"]
    help_ = f" *{finding.help}*" if finding.help else ""
    assert f"{finding.code}: {finding.message}.{help_}" == row["said"].replace("\\|", "|")
