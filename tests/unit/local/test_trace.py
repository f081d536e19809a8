"""The trace for people, and durations in words."""

from __future__ import annotations

import pytest

from flowgen.local import execute, render_trace
from flowgen.local.clock import in_words, parse_timestamp
from flowgen.local.history import Event
from flowgen.local.trace import size_in_words
from flowgen.local.visits import find_failure

MACHINE = {
    "QueryLanguage": "JSONata",
    "StartAt": "charge",
    "States": {
        "charge": {
            "Type": "Task",
            "Resource": "arn:aws:lambda:us-east-1:111111111111:function:charge",
            "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 2}],
            "Next": "pause",
        },
        "pause": {"Type": "Wait", "Seconds": 93598, "Next": "pack"},
        "pack": {
            "Type": "Map",
            "Items": "{% $states.input %}",
            "ItemProcessor": {
                "StartAt": "line",
                "States": {"line": {"Type": "Pass", "Output": "{% 'l' %}", "End": True}},
            },
            "Next": "both",
        },
        "both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "left", "States": {"left": {"Type": "Pass", "End": True}}},
                {"StartAt": "right", "States": {"right": {"Type": "Succeed"}}},
            ],
            "End": True,
        },
    },
}


def charge() -> object:
    class Busy(Exception):  # noqa: N818 - the name is the error
        pass

    tries = iter([True, False])

    def function(event: object) -> object:
        if next(tries):
            raise Busy("try again")
        return event

    return function


def test_a_trace_reads_like_a_story() -> None:
    """Times, attempts with their waits, iterations and branches below their states, and the end."""
    execution = execute(MACHINE, [1, 2], tasks={"charge": charge()})  # type: ignore[dict-item]  # a plain callable
    assert render_trace(execution).splitlines() == [
        "         0 s  ok     charge (2 tries) [1,2]",
        "         0 s         try 1: Busy: try again",
        "         2 s         try 2, 2 s later: ok",
        "         2 s  ok     pause waited 25 h 59 min",
        "        26 h  ok     pack 2 iterations",
        "                #0",
        '        26 h      ok     line 1 -> "l"',
        "                #1",
        '        26 h      ok     line 2 -> "l"',
        "        26 h  ok     both 2 branches",
        "                branch 1",
        '        26 h      ok     left ["l","l"]',
        "                branch 2",
        '        26 h      ok     right ["l","l"]',
        'SUCCEEDED after 26 h: [["l","l"],["l","l"]]',
    ]


def test_a_failure_is_reported_with_its_cause() -> None:
    """The state that failed, what it got, why, and the execution's end."""
    definition = {
        "QueryLanguage": "JSONata",
        "StartAt": "A",
        "States": {"A": {"Type": "Pass", "Output": "{% $x %}", "End": True}},
    }
    lines = render_trace(execute(definition, {"n": "long " * 30}), width=20).splitlines()
    assert lines[0] == '         0 s  failed A {"n":"long long lon… (158 B)'
    assert lines[1].strip() == "States.QueryEvaluationError: An error o…"
    assert lines[2] == "FAILED after 0 s"
    assert lines[3].endswith("for the field 'Output' returned nothing (undefined).")


def test_style_decorates_by_role() -> None:
    """The caller adds the colors."""
    definition = {"StartAt": "A", "States": {"A": {"Type": "Fail", "Error": "E"}}}
    text = render_trace(execute(definition, 1), style=lambda text, role: f"<{role}>{text}</>")
    assert text.splitlines() == [
        "<time>         0 s</>  <failed>failed</> <name>A</> 1",
        "<failed>FAILED</> after 0 s",
        "<failed>E</>",
    ]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.25, "0.25 s"),
        (59, "59 s"),
        (60, "1 min"),
        (90, "1 min 30 s"),
        (3_600, "1 h"),
        (93_600, "26 h"),
        (172_800, "2 d"),
        (277_200, "3 d 5 h"),
        (31_536_001, "365 d 1 s"),
    ],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    """One or two units, hours up to two days."""
    assert in_words(seconds) == words


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2016-03-14T01:59:00Z", "2016-03-14T01:59:00+00:00"),
        ("2016-03-05T21:29:29.243167252Z", "2016-03-05T21:29:29.243167+00:00"),
        ("2016-03-14T01:59:00+05:30", "2016-03-14T01:59:00+05:30"),
        ("2016-12-05T21:29:29", None),
        ("2016-12-05 21:29:29Z", None),
        ("2016-13-05T21:29:29Z", None),
        ("2016-02-30T21:29:29Z", None),
        ("2016-12-05T25:29:29Z", None),
        ("", None),
    ],
)
def test_timestamps(text: str, iso: str | None) -> None:
    """RFC 3339 with T and an offset; all else is none."""
    moment = parse_timestamp(text)
    assert (None if moment is None else moment.isoformat()) == iso


def test_what_was_ended_from_outside_is_halted() -> None:
    """A branch that stood in a wait when another one failed did not fail itself."""
    branches = [
        {"StartAt": "bad", "States": {"bad": {"Type": "Fail", "Error": "E"}}},
        {"StartAt": "slow", "States": {"slow": {"Type": "Wait", "Seconds": 5, "End": True}}},
    ]
    slow_first = {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": branches[::-1], "End": True}}}
    lines = render_trace(execute(slow_first, 1)).splitlines()
    assert [line.split()[2] for line in lines if "slow" in line or "bad" in line] == ["halted", "failed"]


def test_of_many_iterations_the_first_and_the_failed_are_shown() -> None:
    """Twenty iterations are in full; of the others those that failed, and how many went well."""
    choice = {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 28, "Next": "bad"}], "Default": "good"}
    inner = {
        "StartAt": "look",
        "States": {"look": choice, "bad": {"Type": "Fail", "Error": "E"}, "good": {"Type": "Succeed"}},
    }
    definition = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": inner, "End": True}}}
    lines = [line.strip() for line in render_trace(execute(definition, list(range(30)))).splitlines()]
    assert [line for line in lines if line.startswith("#")] == [*(f"#{n}" for n in range(20)), "#28"]
    assert "and 9 more that succeeded" in lines


def test_executions_that_were_started_are_shown_below_their_state() -> None:
    """A nested workflow's states, and those of a Map run's children; the failure is the innermost one."""
    start = {"StateMachineArn": "inner", "Input": {"n": 1}, "Name": "child"}
    outer = {
        "StartAt": "run",
        "States": {
            "run": {
                "Type": "Task",
                "Resource": "arn:aws:states:::states:startExecution.sync:2",
                "Parameters": start,
                "End": True,
            }
        },
    }
    inner = {"StartAt": "bad", "States": {"bad": {"Type": "Fail", "Error": "Inner"}}}
    inside: dict[str, list[Event]] = {}
    execution = execute(outer, {}, machines={"inner": inner}, inside=inside)
    lines = render_trace(execution, inside=inside).splitlines()
    assert [line.strip() for line in lines[2:4]] == ["execution child", '0 s      failed bad {"n":1}']
    found = find_failure(execution.events, inside)
    assert found is not None
    assert found.name == "bad"


@pytest.mark.parametrize(
    ("length", "words"), [(3, "3 B"), (1023, "1023 B"), (1536, "1.5 KB"), (3 * 1024 * 1024, "3.0 MB")]
)
def test_sizes_in_words(length: int, words: str) -> None:
    """Of 1,024 each, as AWS counts its limits."""
    assert size_in_words("x" * length) == words
