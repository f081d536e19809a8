"""Loops in loops: what they carry is found without looking at the innermost once for each that is around it."""

from __future__ import annotations

import json

import pytest

from flowgen.pipeline import check_text


@pytest.mark.parametrize("body", [1, ["${ $page_0 }"]])
def test_deep_loops(body: object) -> None:
    """Twenty-five loops in each other are done with: 2 to the power of 25 rounds would not be."""
    step: dict[str, object] = {"id": "inner", "set": body}
    for depth in range(25):
        rounds = {"max": 2, "with": [1], "as": f"page_{depth}", "until": "$input.x = 1"}
        after = {"id": f"after_{depth}", "set": [f"${{ $page_{depth} }}"]}
        step = {"id": f"loop_{depth}", "repeat": rounds, "steps": [step, after]}
    found = check_text(json.dumps({"flowgen": 1, "name": "deep", "steps": [step]}))
    assert [finding.code for finding in found] == ["FG412"]
