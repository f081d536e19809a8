"""Which visit of a state each event belongs to."""

from __future__ import annotations

from typing import Any

from flowgen.local import execute
from flowgen.local.visits import place_events, walk

LAMBDA = "arn:aws:lambda:us-east-1:111111111111:function:f"

NESTED: dict[str, Any] = {
    "StartAt": "outer",
    "States": {
        "outer": {
            "Type": "Map",
            "ItemProcessor": {
                "StartAt": "inner",
                "States": {
                    "inner": {
                        "Type": "Map",
                        "ItemProcessor": {
                            "StartAt": "wait",
                            "States": {
                                "wait": {"Type": "Wait", "SecondsPath": "$", "Next": "done"},
                                "done": {"Type": "Pass", "End": True},
                            },
                        },
                        "End": True,
                    }
                },
            },
            "End": True,
        }
    },
}


def test_iterations_of_maps_that_run_at_the_same_time() -> None:
    """Each iteration is below the visit that started it, also if a later one ends first."""
    execution = execute(NESTED, [[3, 1], [2]])
    placed = place_events(execution.events)
    outer = placed[1].visit
    assert outer is not None
    inner = [line.visits[0] for line in outer.lines]
    assert [visit.input for visit in inner] == [[3, 1], [2]]
    assert [[line.visits[0].input for line in visit.lines] for visit in inner] == [[3, 1], [2]]
    assert [(visit.ended, visit.output) for visit in inner] == [(3.0, [3, 1]), (2.0, [2])]
    ends = [found for found in placed if found.event.type == "MapStateSucceeded"]
    assert [found.visit for found in ends] == [inner[1], inner[0], outer]


def test_each_event_of_a_state_has_a_visit_with_its_name() -> None:
    placed = place_events(execute(NESTED, [[2, 2], [], [1, 3, 2]]).events)
    named = [found for found in placed if "name" in found.event.details]
    assert [found.event.details["name"] for found in named] == [found.visit and found.visit.name for found in named]
    assert [found.event.type for found in placed if found.visit is None] == ["ExecutionStarted", "ExecutionSucceeded"]
    root = placed[0].line
    assert [visit.ended for visit in walk(root) if visit.ended is None] == []


def test_a_later_attempt_forgets_the_problem_of_the_one_before() -> None:
    """A state whose second attempt succeeds caught nothing."""
    failures = iter([True, False])

    def answer(_: Any) -> int:
        if next(failures):
            raise ValueError
        return 1

    machine = {
        "StartAt": "both",
        "States": {
            "both": {
                "Type": "Parallel",
                "Retry": [{"ErrorEquals": ["States.ALL"]}],
                "Branches": [{"StartAt": "one", "States": {"one": {"Type": "Task", "Resource": LAMBDA, "End": True}}}],
                "End": True,
            }
        },
    }
    execution = execute(machine, {}, tasks={LAMBDA: answer})
    visit = place_events(execution.events)[1].visit
    assert visit is not None
    assert (execution.status, visit.rounds, visit.caught) == ("SUCCEEDED", 2, False)
