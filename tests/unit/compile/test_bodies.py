"""The states that the bodies of steps start with."""

from __future__ import annotations

import json
from typing import Any

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
    assert validate(compiled(text)) == []


@pytest.mark.parametrize(
    ("errors", "step", "caught"),
    [
        ("", "call: f", False),
        ("errors: [RepeatLimitExceeded]", "call: f", True),
        ("", "workflow: child", True),
    ],
)
def test_the_handler_of_a_limit_reads_what_a_complete_round_assigned(errors: str, step: str, caught: bool) -> None:  # noqa: FBT001 - a column
    """A function may raise an undeclared error of that name, before the round has assigned anything."""
    text = (
        f"flowgen: 1\nname: w\noutput: any\nfunctions: {{f: {{output: integer, {errors}}}}}\n"
        "steps:\n  - id: loop\n    repeat: {max: 2, until: false}\n"
        f"    steps: [{{id: tried, {step}}}]\n"
        "    catch: [{errors: [RepeatLimitExceeded], steps: [{id: last, set: 1}]}]\n"
    )
    task = compiled(text)["States"]["tried"]
    assert ("RepeatLimitExceeded" in json.dumps(task.get("Catch", []))) is caught


def compiled(text: str) -> Any:
    """The state machine of a workflow, as JSON."""
    sink = Sink()
    root = read("w.yaml", text, sink)
    assert root is not None
    workflow = read_workflow(root, sink)
    assert workflow is not None, list(sink)
    return json.loads(json.dumps(to_json(compile_workflow(workflow))))
