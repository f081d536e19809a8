"""Random workflows: the compiled state machine does what the steps say, and is a good one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings

from flowgen.asl.validation import validate
from flowgen.asl.writing import to_json
from flowgen.check import check
from flowgen.compile import compile_workflow, function_placeholder
from flowgen.diagnostics import Severity, Sink
from flowgen.local import TaskError, execute
from flowgen.model import Workflow, read_workflow
from flowgen.source import read
from tests.property.reference import Answers, Failure, Outcome, evaluate
from tests.property.workflows import ACTIVITIES, ANSWERS, FUNCTIONS, INPUT, workflows

JSON = Any
_SETTINGS = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


def loaded(text: str) -> Workflow:
    sink = Sink()
    root = read("workflow.yaml", text, sink)
    workflow = None if root is None else read_workflow(root, sink)
    if workflow is not None:
        check(workflow, sink)
    errors = [found for found in sink if found.severity is Severity.ERROR]
    assert errors == [], text
    assert workflow is not None
    return workflow


def executed(definition: JSON, answers: Answers) -> Outcome:
    def task(name: str) -> Callable[[JSON], JSON]:
        def function(event: JSON) -> JSON:
            answer = answers.answer(name, event if name in ACTIVITIES else event["input"])
            if isinstance(answer, Failure):
                raise TaskError(answer.error, answer.cause)
            return answer

        return function

    tasks = {f"${{{function_placeholder(name, activity=name in ACTIVITIES)}}}": task(name) for name in FUNCTIONS}
    execution = execute(definition, INPUT, tasks=tasks)
    return Outcome(
        execution.status,
        execution.output,
        execution.error,
        execution.cause or "" if execution.error else None,
        int(execution.elapsed),
        tuple(answers.calls),
    )


@_SETTINGS
@given(text=workflows(), script=ANSWERS)
def test_state_machine_does_what_the_steps_say(text: str, script: list[JSON]) -> None:
    """Status, output, error, cause, time and every call are those of the reference, whatever functions answer."""
    workflow = loaded(text)
    expected = evaluate(workflow, INPUT, Answers(script))
    assert executed(to_json(compile_workflow(workflow)), Answers(script)) == expected


@_SETTINGS
@given(text=workflows())
def test_state_machine_is_well_made(text: str) -> None:
    """Names are short and unique, all states are reached, all targets exist, and no `Output` is a bare scalar."""
    machine = compile_workflow(loaded(text))
    assert len({state.name for state in machine.states}) == len(machine.states)
    definition = to_json(machine)
    states = definition["States"]
    assert max(map(len, states)) <= 80
    reached, waiting = {definition["StartAt"]}, [definition["StartAt"]]
    while waiting:
        for target in _targets(states[waiting.pop()]):
            assert target in states
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    assert reached == set(states)
    for output in _outputs(states):
        assert isinstance(output, dict) or (output.startswith("{%") and output.endswith("%}"))
    assert validate(json.dumps(definition)) == []


def _targets(state: JSON) -> list[str]:
    rules = [*state.get("Choices", ()), *state.get("Catch", ())]
    found = [state.get("Next"), state.get("Default"), *(rule["Next"] for rule in rules)]
    return [target for target in found if target is not None]


def _outputs(states: JSON) -> list[JSON]:
    places = [part for state in states.values() for part in (state, *state.get("Choices", ()), *state.get("Catch", ()))]
    return [place["Output"] for place in places if "Output" in place]
