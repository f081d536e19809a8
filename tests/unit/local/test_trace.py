"""The trace for people, and durations in words."""

from __future__ import annotations

import pytest

from flowgen.local import execute, render_trace
from flowgen.local.clock import in_words, parse_timestamp

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


def test_a_failure_is_told_with_its_cause() -> None:
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
    """Whoever has colours puts them in."""
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
