"""Random workflows with loops, batches, branches and handlers inside each other."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings

from flowgen.asl.validation import validate
from flowgen.asl.writing import to_json
from flowgen.compile import compile_workflow
from tests.property.assignments import unassigned_reads
from tests.property.nested import nested_workflows
from tests.property.reference import Answers, evaluate
from tests.property.test_reference import executed, loaded
from tests.property.workflows import INPUT

JSON = Any


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(made=nested_workflows())
def test_nested_bodies_do_what_the_steps_say(made: tuple[str, list[JSON]]) -> None:
    """The machine is valid, reads nothing that a path has not assigned, and does what the reference says."""
    text, script = made
    workflow = loaded(text)
    definition = to_json(compile_workflow(workflow))
    assert validate(json.dumps(definition)) == []
    assert unassigned_reads(definition) == []
    expected = evaluate(workflow, INPUT, Answers(script))
    assert executed(definition, Answers(script)) == expected
