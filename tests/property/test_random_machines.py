"""Random machines: none crashes the runner or hangs it, and the same seed gives the same history."""

from __future__ import annotations

import gc
import json
import os
from typing import Any

import pytest

from flowgen.jsonata.evaluate import Expression
from flowgen.local import execute
from tests.property.machines import make, tasks

MACHINES = int(os.environ.get("FLOWGEN_RANDOM_MACHINES", "1500"))
"""How many are made; more take longer and find more."""

BATCH = 100
STATUSES = {"SUCCEEDED", "FAILED", "TIMED_OUT"}


@pytest.mark.parametrize("first", range(0, MACHINES, BATCH))
def test_each_ends(first: int) -> None:
    """A status, an output that JSON holds or an error, and a history whose events follow from earlier ones."""
    for seed in range(first, first + BATCH):
        definition, given = make(seed)

        execution = execute(definition, given, tasks=tasks())

        assert execution.status in STATUSES, seed
        assert (execution.status == "SUCCEEDED") == (execution.error is None and execution.cause is None) or (
            execution.status == "FAILED"
        ), seed
        json.dumps(execution.output, allow_nan=False)
        history = execution.history
        assert [event["id"] for event in history] == list(range(1, len(history) + 1)), seed
        assert all(event["previousEventId"] < event["id"] for event in history), seed
        assert history[-1]["type"].startswith("Execution"), seed


def test_the_same_seed_gives_the_same_history() -> None:
    """Two runs of each machine are the same to the byte."""
    for seed in range(0, MACHINES, 10):
        definition, given = make(seed)

        first, second = (execute(definition, given, tasks=tasks(), seed=seed).history for _ in range(2))

        assert json.dumps(first) == json.dumps(second), seed


def test_nothing_that_is_given_is_changed() -> None:
    """Neither the definition nor the input."""
    for seed in range(0, MACHINES, 10):
        definition, given = make(seed)
        before = json.dumps([definition, given])

        execute(definition, given, tasks=tasks())

        assert json.dumps([definition, given]) == before, seed


def test_they_are_of_all_kinds() -> None:
    """Machines that succeed and that fail, each kind of state, retries and catchers: the generator reaches them."""
    seen: set[str] = set()
    used: set[tuple[str, int]] = set()
    statuses: set[str] = set()

    def observe(kind: str, _state: str, place: int) -> None:
        used.add((kind, min(place, 0)))

    for seed in range(300):
        definition, given = make(seed)
        execution = execute(definition, given, tasks=tasks(), observe=observe)
        seen |= {event.type for event in execution.events if event.type.endswith("StateEntered")}
        statuses.add(execution.status)

    kinds = ("Pass", "Task", "Choice", "Wait", "Succeed", "Fail", "Map", "Parallel")
    assert seen == {f"{kind}StateEntered" for kind in kinds}
    assert used == {("state", 0), ("rule", 0), ("rule", -1), ("retrier", 0), ("catcher", 0)}
    assert statuses == {"SUCCEEDED", "FAILED"}


def test_nothing_is_left_for_the_collector() -> None:
    """A run that was forgotten is gone at once: the evaluator's expressions can't be collected in other threads."""
    gc.collect()
    gc.disable()
    try:
        before = _expressions()
        for seed in range(200):
            definition, given = make(seed)
            execute(definition, given, tasks=tasks())
        assert _expressions() == before
    finally:
        gc.enable()


def _expressions() -> int:
    return sum(isinstance(one, Expression) for one in gc.get_objects())


def hostile() -> list[Any]:
    """Definitions that no machine is made of."""
    broken: list[Any] = [
        None,
        [],
        1,
        {},
        {"StartAt": "A"},
        {"StartAt": "A", "States": {}},
        {"StartAt": 1, "States": []},
    ]
    fields = ("Next", "Choices", "Branches", "ItemProcessor", "Retry", "Catch", "Resource", "Seconds", "InputPath")
    kinds = ("Pass", "Task", "Choice", "Wait", "Map", "Parallel", "Fail", "Succeed", "Other", None)
    values: tuple[Any, ...] = (None, 0, "", "x", [], {}, [None], {"a": []}, True)
    states = ({"Type": kind, "End": True, field: value} for kind in kinds for field in fields for value in values)
    return broken + [{"StartAt": "A", "States": {"A": state}} for state in states]


def test_what_is_not_a_machine_is_rejected_or_runs() -> None:
    """A mistake in a definition is reported as one (`InvalidDefinition`), and nothing else is raised."""
    from flowgen.local.failures import InvalidDefinition

    refused = 0
    for definition in hostile():
        try:
            execution = execute(definition, {"a": 1}, tasks=tasks())
        except InvalidDefinition:
            refused += 1
        else:
            assert execution.status in STATUSES, definition
    assert refused > len(hostile()) // 2
