"""The lines that docs/explanation/asl-side-by-side.md counts are those of its blocks."""

from __future__ import annotations

import json

import pytest

from flowgen.asl.writing import to_json
from flowgen.compile import compile_workflow
from tests.unit.docs.pages import ROOT, blocks, table
from tests.unit.docs.test_blocks import workflow_of

PAGE = ROOT / "docs" / "explanation" / "asl-side-by-side.md"
PATTERNS = [block for block in blocks(PAGE) if block.language == "yaml" and block.has("fragment")]


def test_each_pattern_is_counted() -> None:
    """The table has a row for each heading with a pattern, in their order."""
    headings = [line[3:] for line in PAGE.read_text("utf-8").splitlines() if line.startswith("## ")]
    assert [row[0] for row in table(PAGE, "ASL and flowgen side by side")] == headings
    assert len(PATTERNS) == len(headings)


@pytest.mark.parametrize("number", range(len(PATTERNS)))
def test_lines_are_counted(number: int) -> None:
    """The lines of the YAML, and those of the states that it becomes."""
    block = PATTERNS[number]
    states = to_json(compile_workflow(workflow_of(block)))["States"]
    counted = len(block.text.splitlines()), len(json.dumps(states, indent=2).splitlines()) - 2
    _, yaml, asl = table(PAGE, "ASL and flowgen side by side")[number]
    assert (int(yaml), int(asl)) == counted
