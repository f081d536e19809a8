"""The names that the compiler makes up: none occurs twice in a machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowgen.asl.validation import validate
from flowgen.pipeline import check_paths, definition
from tests.property.assignments import unassigned_reads

EMPTY_LOOPS = """flowgen: 1
name: place_order
steps:
  - id: orders
    for_each: $input.orders
    as: item
    steps:
      - {id: lines, for_each: $item.lines, as: line, steps: []}
"""
NAMED_AS_ITS_STEPS = """flowgen: 1
name: orders
input: {fields: {items: 'integer[]', flag: boolean, limit: integer = 3}}
functions: {send: {errors: [Refused]}}
catch:
  - errors: [Refused]
    steps: [{id: told, set: "${ $error.Cause }"}, {id: again, fail: $error}]
  - errors: [any]
    steps: [{id: noted, set: "${ $error.Error }"}]
steps:
  - id: orders
    for_each: $input.items
    as: item
    steps:
      - {id: a, if: $item = 1, set: 1}
    catch:
      - errors: [any]
        steps: [{id: orders_2, call: send}, {id: kept, set: "${ $error.Error }"}]
  - {id: sent, call: send, compensate: {call: send}}
  - {id: last, if: $input.flag, set: "${ $input.limit }"}
"""


@pytest.mark.parametrize("text", [EMPTY_LOOPS, NAMED_AS_ITS_STEPS], ids=["empty loops", "named as its steps"])
def test_no_name_occurs_twice(text: str, tmp_path: Path) -> None:
    """A body and the step around it, or a workflow and a step of the same name, have states of the same kinds."""
    (tmp_path / "workflow.yaml").write_text(text, encoding="utf-8")
    report = check_paths(("workflow.yaml",), tmp_path)
    assert [found.message for found in report.diagnostics if found.severity == "error"] == []
    [loaded] = report.loaded
    machine = definition(loaded)
    assert [problem.message for problem in validate(machine) if problem.severity == "ERROR"] == []
    assert unassigned_reads(machine) == []
