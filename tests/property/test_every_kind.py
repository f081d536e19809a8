"""A workflow of every kind of step, taken apart and put together wrongly: findings inside the file, or a machine."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from flowgen.asl.validation import validate
from flowgen.asl.writing import to_json
from flowgen.compile import compile_workflow
from flowgen.diagnostics import Severity, Sink
from flowgen.model import Workflow, every_step, read_workflow
from flowgen.model.leaves import MAX_NAME
from flowgen.model.steps import KINDS
from flowgen.source import LIMITS, plain, read
from tests.property.test_hostile_files import check_well

JSON = Any
BASE = (Path(__file__).parent / "every_kind.yaml").read_text(encoding="utf-8")
NAMES = [
    "order",
    "kept",
    "lines",
    "line",
    "page",
    "pages",
    "safe",
    "inner",
    "give_up",
    "load",
    "save",
    "worker",
    "both",
]
_SETTINGS = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def workflow_of(text: str) -> Workflow | None:
    sink = Sink()
    root = read("workflow.yaml", text, sink)
    return None if root is None else read_workflow(root, sink)


def _value() -> JSON:
    root = read("workflow.yaml", BASE, Sink())
    assert root is not None
    return copy.deepcopy(plain(root))


def test_every_kind_is_there() -> None:
    """The base is without errors, and has a step of each kind but the one that runs another workflow."""
    workflow = workflow_of(BASE)
    assert workflow is not None
    assert {step.kind for step in every_step(workflow)} == KINDS.keys() - {"workflow"}
    assert [found for found in check_well(BASE) if found.severity is Severity.ERROR] == []


def test_every_key_of_a_step_is_there() -> None:
    """A key that the base lacks is never moved to another step; those of `workflow` need another file."""
    workflow = workflow_of(BASE)
    assert workflow is not None
    written = {entry.key.text for step in every_step(workflow) for entry in step.node.entries}
    keys = {key for kind, step in KINDS.items() if kind != "workflow" for key in step.keys()}  # noqa: SIM118 - a method
    assert keys - written == set()
    activities = [function.activity for function in workflow.functions.values() if function.activity]
    assert len(activities) == len({"new", "by name", "by ARN"})


def _lists(value: JSON) -> Iterator[list[JSON]]:
    """The lists of steps, wherever they are."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _lists(inner)
    elif isinstance(value, list):
        if all(isinstance(item, dict) and "id" in item for item in value):
            yield value
        for inner in value:
            yield from _lists(inner)


def _steps(value: JSON) -> list[dict[str, JSON]]:
    return [step for steps in _lists(value) for step in steps]


def _texts(value: JSON) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        if isinstance(inner, str):
            yield value, key
        yield from _texts(inner)


@st.composite
def rearranged(draw: DrawFn) -> str:
    """The base with steps dropped, doubled, moved and nested, keys moved between steps, and references renamed."""
    value = _value()
    for _ in range(draw(st.integers(1, 3))):
        lists, steps = list(_lists(value)), _steps(value)
        if not steps:
            break
        step = draw(st.sampled_from(steps))
        owner = next(one for one in lists if any(step is item for item in one))
        at = next(index for index, item in enumerate(owner) if item is step)
        match draw(st.integers(0, 7)):
            case 0:
                owner.pop(at)
            case 1:
                draw(st.sampled_from(lists)).append(copy.deepcopy(step))
            case 2:
                other = copy.deepcopy(owner.pop(at))
                draw(st.sampled_from(list(_lists(value)) or [value["steps"]])).insert(0, other)
            case 3:
                step["id"] = draw(st.sampled_from(NAMES))
            case 4:
                giver = draw(st.sampled_from(steps))
                key = draw(st.sampled_from(list(giver)))
                step[key] = copy.deepcopy(giver[key])
            case 5:
                step.pop(draw(st.sampled_from(list(step))))
            case 6:
                holder, key = draw(st.sampled_from(list(_texts(value))))
                old, new = draw(st.sampled_from(NAMES)), draw(st.sampled_from(NAMES))
                holder[key] = holder[key].replace(old, new) if old in holder[key] else draw(st.sampled_from(NAMES))
            case _:
                kind = draw(st.sampled_from(["steps", "for_each", "parallel", "repeat", "if"]))
                for level in range(draw(st.sampled_from([1, 3, LIMITS.depth // 2]))):
                    name = f"n{level}_{draw(st.integers(0, 99))}"
                    wrapped: JSON = {
                        "steps": {"id": name, "steps": [owner[at]]},
                        "for_each": {"id": name, "for_each": "[1]", "steps": [owner[at]]},
                        "parallel": {"id": name, "parallel": {"one": [owner[at]]}},
                        "repeat": {"id": name, "repeat": {"max": 2, "until": "true"}, "steps": [owner[at]]},
                        "if": {"id": name, "if": "$input.x", "steps": [owner[at]]},
                    }[kind]
                    owner[at] = wrapped
    return json.dumps(value)


@settings(_SETTINGS, max_examples=200)
@given(rearranged())
def test_rearranged_steps_are_reported_or_compile(text: str) -> None:
    """Either there is an error, or a state machine that AWS's rules find nothing wrong with."""
    if any(found.severity is Severity.ERROR for found in check_well(text)):
        return
    workflow = workflow_of(text)
    assert workflow is not None
    machine = to_json(compile_workflow(workflow))
    assert [problem for problem in validate(machine) if problem.severity == "ERROR"] == []


def test_longest_names_are_short_enough() -> None:
    """With ids of the greatest length, the names that the compiler makes of them are within AWS's 80 characters."""
    before = workflow_of(BASE)
    assert before is not None
    text = BASE
    for step in every_step(before):
        text = re.sub(rf"(?<![\w-]){step.id}(?![\w-])", step.id.ljust(MAX_NAME, "x"), text)
    workflow = workflow_of(text)
    assert workflow is not None
    assert {len(step.id) for step in every_step(workflow)} == {MAX_NAME}
    machine = to_json(compile_workflow(workflow))
    assert [problem for problem in validate(machine) if problem.severity == "ERROR"] == []
    assert max(len(name) for name in _names(machine)) <= 80


def _names(machine: JSON) -> Iterator[str]:
    """States and variables, those of machines inside included."""
    if isinstance(machine, dict):
        for key, inner in machine.items():
            if key in ("States", "Assign"):
                yield from inner
            yield from _names(inner)
    elif isinstance(machine, list):
        for inner in machine:
            yield from _names(inner)
