"""Recorded executions against today's definitions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowgen.local import Task, TaskError
from flowgen.running import Options, Program, report, run
from flowgen.running.recorded import BadHistory, read_history
from flowgen.running.replay import Replay, as_json, as_text, replay
from tests.unit.running.machines import function, program, service

JSON = Any

STATES = {
    "price": function("f"),
    "charge": service(
        "lambda:invoke",
        {"FunctionName": "f", "Payload": "{% $states.input %}"},
        Output="{% $states.result.Payload %}",
        Retry=[{"ErrorEquals": ["Busy"], "IntervalSeconds": 5}],
    ),
    "both": {
        "Type": "Map",
        "Items": [1, 2],
        "ItemProcessor": {"StartAt": "line", "States": {"line": function("f", End=True)}},
    },
    "end": {"Type": "Pass", "Output": {"was": "{% $states.input %}"}},
}


def recorded() -> str:
    """The history of an execution in which the second call failed once."""
    calls: list[JSON] = []

    def answer(event: JSON) -> JSON:
        calls.append(event)
        if len(calls) == 2:
            raise TaskError("Busy", "later")
        return {"call": len(calls)}

    return report.history(run(program(STATES), {"n": 1}, Options(tasks={"f": Task(answer, seconds=2)})).execution)


HISTORY = recorded()


def replayed(made: Program) -> Replay:
    return replay(made, read_history(HISTORY), Options())


def test_the_same_definition_does_the_same() -> None:
    """Results, errors and times are played back; nothing is called, nothing differs."""
    found = replayed(program(STATES))
    assert not found.differs
    assert found.execution.output == {"was": [{"call": 4}, {"call": 5}]}
    assert found.execution.elapsed == 13
    assert as_text(found, None).splitlines() == [
        "  price",
        "  charge",
        "  both",
        "    line",
        "    line",
        "  end",
        "the replay matches the recorded execution: SUCCEEDED after 13 s",
    ]


def test_names_of_resources_and_times_as_numbers_do_not_matter() -> None:
    """The function has a different name today; the command line may print seconds."""
    made = program(
        {**STATES, "charge": {**STATES["charge"], "Arguments": {"FunctionName": "g", "Payload": "{% $states.input %}"}}}
    )
    events = json.loads(HISTORY)["events"]
    for event in events:
        event["timestamp"] = 1767225600 + event["id"] / 1000
    found = replay(made, read_history(json.dumps(events)), Options())
    assert not found.differs


def test_another_path_is_shown() -> None:
    """A state that is new and one that is gone, an output that changed for it."""
    made = program({**{k: v for k, v in STATES.items() if k != "end"}, "finish": {"Type": "Pass", "Output": 1}})
    found = replayed(made)
    assert found.differs
    text = as_text(found, None)
    assert "- end\n+ finish\n" in text
    assert text.endswith(
        '    output\n      - {"was":[{"call":4},{"call":5}]}\n      + 1\n'
        "the replay differs from the recorded execution: SUCCEEDED after 13 s"
    )
    assert [(d["state"], d["what"]) for d in as_json(found)["differences"]] == [
        ("end", "only recorded"),
        ("finish", "only today"),
        ("", "output"),
    ]


def test_other_arguments_are_shown() -> None:
    """A call with something else still gets the recorded result, and is reported."""
    price = {**STATES["price"], "Arguments": {"n": 2}}
    found = replayed(program({**STATES, "price": price}))
    assert [(c.state, c.what, c.before, c.after) for c in found.calls] == [("price", "called with", {"n": 1}, {"n": 2})]
    assert found.execution.status == "SUCCEEDED"


def test_a_call_without_a_recorded_result_ends_the_run() -> None:
    """What is new calls something that the history does not contain."""
    found = replayed(program({"new": function("f"), **STATES}))
    assert found.missing == ("new",)
    assert found.execution.status == "ABORTED"
    assert set(found.unused) == {"price", "charge", "line"}


def test_map_runs_are_taken_as_they_were() -> None:
    """The children of a distributed Map have no events in the history: the state's output is played back."""
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    inner = {"StartAt": "line", "States": {"line": function("f", End=True)}}
    made = program(
        {"all": {"Type": "Map", "Items": [1, 2], "ItemProcessor": {**processor, **inner}}, "end": {"Type": "Pass"}}
    )
    history = report.history(run(made, {}, Options(tasks={"f": Task(lambda item: item * 2)})).execution)
    found = replay(made, read_history(history), Options())
    assert found.execution.output == [2, 4]
    assert not found.differs


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "invalid JSON"),
        ("{}", "no events found"),
        ("[1]", "no events found"),
        ('[{"id": 1}]', "unexpected format"),
        ('[{"id": 1, "timestamp": "2026-01-01T00:00:00Z", "type": "PassStateEntered"}]', "as the first event"),
        ('[{"id": 1, "timestamp": "2026-01-01T00:00:00Z", "type": "ExecutionStarted"}]', "has not ended"),
        (
            '[{"id": 1, "timestamp": 0, "type": "ExecutionStarted"}, {"id": 3, "timestamp": 0, "type": "X"}]',
            "events are missing",
        ),
        (HISTORY.replace('"input":', '"inputs":'), "--include-execution-data"),
        (HISTORY.replace('"previousEventId": 2,', '"previousEventId": "x",'), "unexpected format"),
        (HISTORY.replace('"name": "charge"', '"name": ["charge"]', 1), "unexpected format"),
    ],
)
def test_what_is_not_a_history_is_reported(text: str, message: str) -> None:
    """The message says what is wrong with the file."""
    with pytest.raises(BadHistory) as told:
        read_history(text)
    assert message in str(told.value)


def test_failures_without_an_error_are_played_back_so() -> None:
    """Recorded where code sent a failure without an error; nothing becomes an empty text."""
    made = program({"price": function("f", End=True)})

    def refuse(_event: JSON) -> JSON:
        raise TaskError(None, None)

    history = report.history(run(made, {}, Options(tasks={"f": Task(refuse)})).execution)
    found = replay(made, read_history(history), Options())
    assert not found.differs
    assert (found.execution.status, found.execution.error) == ("FAILED", None)


def test_an_execution_that_timed_out_is_the_same() -> None:
    """The event of the timeout has an error, the execution has none."""
    made = program({"late": {"Type": "Wait", "Seconds": 9, "End": True}}, TimeoutSeconds=3)
    found = replay(made, read_history(report.history(run(made, {}, Options()).execution)), Options())
    assert not found.differs
    assert (found.recording.status, found.recording.error) == ("TIMED_OUT", None)
