"""Executions, histories and limits that others measured on AWS (`--cases`), run here.

Status, output and error name are the contract. Wording and events must agree as well, except for the facts in
`DIFFERENCES`, each with its reason.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from flowgen.local import Execution, Task, TaskError, execute
from flowgen.local.runtime_types import Request

JSON = Any
Check = Callable[[Execution, JSON], bool]

KINDS = {"execution", "history", "limit"}

DIFFERENCES: dict[str, str] = {}
"""Facts whose outcome agrees while their wording or events do not: the id, and the reason."""


EVALUATOR: dict[str, str] = {"input-long": "jsonatapy turns integers beyond 2^53 into doubles"}
"""Facts whose outcome depends on the evaluator of JSONata; an entry has no effect once its fact agrees."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrizes tests that take a `fact` with the facts of `--cases`."""
    if "fact" not in metafunc.fixturenames:
        return
    given = metafunc.config.getoption("--cases")
    if given is None:
        metafunc.parametrize("fact", [pytest.param(None, marks=pytest.mark.skip(reason="needs --cases DIR"))])
        return
    content = json.loads((Path(given) / "aws_facts" / "facts.json").read_text(encoding="utf-8"))
    facts = [fact for fact in content if fact["kind"] in KINDS]
    metafunc.parametrize("fact", facts, ids=[fact["id"] for fact in facts])


def test_outcome(fact: dict[str, Any]) -> None:
    """The execution ends as it did on AWS: with the same status, output and error."""
    found = problems(fact, OUTCOME)
    if found and fact["id"] in EVALUATOR:
        pytest.xfail(EVALUATOR[fact["id"]])
    assert found == []


def test_wording_and_events(fact: dict[str, Any]) -> None:
    """Causes and events agree to the word; a fact listed as different must differ, or leave the list."""
    found = problems(fact, WORDING)
    if fact["id"] in DIFFERENCES:
        assert found != [], "the fact agrees: remove it from DIFFERENCES"
        pytest.xfail(DIFFERENCES[fact["id"]])
    assert found == []


def problems(fact: Mapping[str, Any], checks: Mapping[str, Check]) -> list[str]:
    """What differs from AWS, of the things that these checks look at."""
    unknown = fact["aws"].keys() - OUTCOME.keys() - WORDING.keys()
    assert not unknown, f"no check for {sorted(unknown)}"
    execution = run(fact)
    return [
        f"{name}: expected {json.dumps(expected)}\n{_shown(execution)}"
        for name, expected in fact["aws"].items()
        if name in checks and not checks[name](execution, expected)
    ]


def run(fact: Mapping[str, Any]) -> Execution:
    """The execution of a fact, with its mocks, silent functions, child machines and objects."""
    silent = {name: Task(lambda event: event, seconds=math.inf) for name in fact.get("never", ())}
    answers = {state: iter(results) for state, results in fact.get("mocks", {}).items()}
    return execute(
        fact["definition"],
        fact["input"],
        tasks={**silent, **fact.get("tasks", {})},
        machines=fact.get("machines"),
        s3_objects=dict(fact.get("s3", {})),
        mock=lambda request: _mocked(answers, request),
    )


def _mocked(answers: Mapping[str, Iterator[Mapping[str, JSON]]], request: Request) -> Task | None:
    return Task(lambda _arguments: _answer(next(answers[request.state]))) if request.state in answers else None


def _answer(result: Mapping[str, JSON]) -> JSON:
    if "error" in result:
        raise TaskError(result["error"], result.get("cause"))
    return result["output"]


def _shown(execution: Execution) -> str:
    events = [f"  {event['id']} <- {event['previousEventId']} {event['type']}" for event in execution.history[-25:]]
    ended = {"output": execution.output, "error": execution.error, "cause": execution.cause}
    return "\n".join([f"{execution.status} {json.dumps(ended)}", *events])


def _types(execution: Execution) -> list[str]:
    return [event.type for event in execution.events]


def _has(expected: JSON, found: JSON) -> bool:
    """Whether a value has all members of another; null stands for a member that is missing."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(_has(value, found.get(name)) for name, value in expected.items())
    return bool(expected == found)


def _details(execution: Execution, number: int) -> JSON:
    return execution.events[number - 1].details


def _after_fail(execution: Execution) -> list[int]:
    """The numbers of the events after the Fail state was entered."""
    return list(range(_types(execution).index("FailStateEntered") + 2, len(execution.events) + 1))


def _all_follow(execution: Execution, event_type: str) -> bool:
    """Whether all events after an event name it as their previous one, except for the last, which ends the run."""
    number = _types(execution).index(event_type) + 1
    return all(event.previous == number for event in execution.events[number:-1])


def _in_order(execution: Execution, expected: list[str]) -> bool:
    types = iter(_types(execution))
    return all(event_type in types for event_type in expected)


def _follow_last(execution: Execution, expected: bool) -> bool:  # noqa: FBT001 - the shape of a check
    """Whether a Map's success and exit both follow from the last event of its last iteration."""
    types = _types(execution)
    last = len(types) - types[::-1].index("MapIterationSucceeded")
    found = [
        event.previous == last for event in execution.events if event.type in {"MapStateSucceeded", "MapStateExited"}
    ]
    return all(found) is expected


def _attempts(execution: Execution) -> int:
    return sum(event_type.endswith("Scheduled") for event_type in _types(execution))


OUTCOME: dict[str, Check] = {
    "status": lambda execution, expected: execution.status == expected,
    "error": lambda execution, expected: execution.error == expected,
    "output": lambda execution, expected: execution.output == expected,
    "output_subset": lambda execution, expected: _has(expected, execution.output),
    "output_keys": lambda execution, expected: sorted(execution.output) == expected,
    "item_keys": lambda execution, expected: sorted(execution.output[0]) == expected,
    "item_subset": lambda execution, expected: _has(expected, execution.output[0]),
    "etag_quoted": lambda execution, expected: execution.output[0]["Etag"].startswith('"') is expected,
    "attempts": lambda execution, expected: _attempts(execution) == expected,
    "elapsed": lambda execution, expected: execution.elapsed == expected,
}

WORDING: dict[str, Check] = {
    "cause": lambda execution, expected: execution.cause == expected,
    "cause_contains": lambda execution, expected: expected in (execution.cause or ""),
    "cause_json_subset": lambda execution, expected: _has(expected, json.loads(execution.cause or "null")),
    "cause_json_keys": lambda execution, expected: sorted(json.loads(execution.cause or "{}")) == expected,
    "no_error": lambda execution, expected: (execution.error is None) is expected,
    "no_cause": lambda execution, expected: (execution.cause is None) is expected,
    "types": lambda execution, expected: _types(execution) == expected,
    "previous": lambda execution, expected: [event.previous for event in execution.events] == expected,
    "details": lambda execution, expected: all(
        _has(details, _details(execution, int(number))) for number, details in expected.items()
    ),
    "count": lambda execution, expected: len(execution.events) == expected,
    "head": lambda execution, expected: _types(execution)[: len(expected)] == expected,
    "tail": lambda execution, expected: _types(execution)[-len(expected) :] == expected,
    "iterations": lambda execution, expected: _types(execution).count("MapIterationSucceeded") == expected,
    "started_length": lambda execution, expected: any(
        event.type == "MapStateStarted" and event.details["length"] == expected for event in execution.events
    ),
    "succeeded_and_exited_follow_last": _follow_last,
    "after_fail_entered": lambda execution, expected: (
        [_types(execution)[number - 1] for number in _after_fail(execution)] == expected
    ),
    "all_follow": _all_follow,
    "tail_details": lambda execution, expected: all(
        _details(execution, _after_fail(execution)[int(place)]) == details for place, details in expected.items()
    ),
    "no_type_ending": lambda execution, expected: (
        not any(event_type.endswith(expected) for event_type in _types(execution))
    ),
    "no_type_containing": lambda execution, expected: (
        not any(part in event_type for part in expected for event_type in _types(execution))
    ),
    "contains_in_order": _in_order,
    "last_id": lambda execution, expected: len(execution.events) == expected,
    "last_previous": lambda execution, expected: execution.events[-1].previous == expected,
    "last_type": lambda execution, expected: execution.events[-1].type == expected,
    "event_24999": lambda execution, expected: execution.events[24_998].type == expected,
}
