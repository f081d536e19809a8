"""Loops in loops: the check finds the types of what they carry, with work that grows slowly with the depth."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowgen.check.dataflow import flow
from flowgen.check.dataflow.state import FlowState
from flowgen.model import Repeat
from flowgen.pipeline import check_text
from flowgen.types import Type

BODIES = [1, ["${ $page_0 }"]]


def nested(depth: int, body: object) -> str:
    """Loops in each other, each of which carries a value that grows with each round."""
    step: dict[str, object] = {"id": "inner", "set": body}
    for level in range(depth):
        rounds = {"max": 2, "with": [1], "as": f"page_{level}", "until": f"$input.x{level} = 1"}
        after = {"id": f"after_{level}", "set": [f"${{ $page_{level} }}"]}
        step = {"id": f"loop_{level}", "repeat": rounds, "steps": [step, after]}
    return json.dumps({"flowgen": 1, "name": "deep", "steps": [step]})


@pytest.mark.parametrize("body", BODIES)
def test_deep_loops(body: object) -> None:
    """Twenty-five nested loops are checked: 2 to the power of 25 rounds would never end."""
    assert [finding.code for finding in check_text(nested(25, body))] == ["FG412"]


@pytest.mark.parametrize("body", BODIES)
def test_rounds_grow_with_the_square_of_the_depth(body: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """A visit to a loop starts from the types of the visit before, so depth alone makes no loop expensive."""
    rounds: list[str] = []
    checked = flow._Flow.one_round

    def counted(self: flow._Flow, step: Repeat, state: FlowState, carried: Type) -> Any:
        rounds.append(step.id)
        return checked(self, step, state, carried)

    monkeypatch.setattr(flow._Flow, "one_round", counted)
    for depth in (4, 8, 16):
        rounds.clear()
        check_text(nested(depth, body))
        assert depth * depth <= len(rounds) <= depth * (8 + 4 * depth)


NESTED = """\
flowgen: 1
name: nested
types:
  Taken: {fields: {n: integer}}
functions:
  take: {input: Taken, output: any}
steps:
  - id: a
    repeat: {max: 2, with: 1, as: x, until: "$b = 'end'"}
    steps:
      - {id: taken, call: take, with: {n: "${ $x }"}}
      - id: b
        repeat: {max: 2, with: 2, as: y, until: "$c = 'end'"}
        steps:
          - id: c
            repeat: {max: 2, with: text, as: z, until: "$z = 'end'"}
            steps:
              - {id: d, set: "${ $z }"}
"""


def test_what_the_innermost_loop_carries_reaches_the_outermost() -> None:
    """The types of a loop do not depend on how many loops are around it."""
    found = [finding.message for finding in check_text(NESTED) if finding.code == "FG302"]
    assert found == ['`n` may be "text", expected `integer`']
