"""The states that the bodies of steps start with."""

from __future__ import annotations

import json

import pytest

from flowgen.asl.validation import validate
from flowgen.asl.writing import to_json
from flowgen.compile import compile_workflow
from flowgen.diagnostics import Sink
from flowgen.model import read_workflow
from flowgen.source import read

BODIES = {"empty": "[]", "value": '[{id: x, set: "${ $line }"}]', "loop": "[{id: x, for_each: $line, steps: []}]"}


@pytest.mark.parametrize("body", BODIES)
def test_a_loop_and_its_body_start_with_states_of_different_names(body: str) -> None:
    """Both need a Pass state here. Step Functions rejects a machine that uses a name twice."""
    inner = f"{{id: lines, for_each: $item.lines, as: line, steps: {BODIES[body]}}}"
    text = (
        "flowgen: 1\nname: w\ninput: any\noutput: any\n"
        f"steps:\n  - {{id: outer, for_each: $input.orders, as: item, steps: [{inner}]}}\n"
    )
    sink = Sink()
    root = read("w.yaml", text, sink)
    assert root is not None
    workflow = read_workflow(root, sink)
    assert workflow is not None, list(sink)
    assert validate(json.loads(json.dumps(to_json(compile_workflow(workflow))))) == []
