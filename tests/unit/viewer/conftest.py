"""Runs of several kinds, their documents and pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from flowgen.local import Task, TaskError
from flowgen.local.runtime_types import Request
from flowgen.running import Options, Program, run
from flowgen.viewer import Recorded, run_document
from tests.browser import Page, chromium

SOURCE = """\
charge: first line
pause: <script>alert(1)</script>
lines: a Map
line: inside of it
"""

MACHINE: dict[str, Any] = {
    "QueryLanguage": "JSONata",
    "StartAt": "charge",
    "States": {
        "charge": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": "charge", "Payload": "{% $states.input %}"},
            "Output": "{% $states.result.Payload %}",
            "Assign": {"paid": "{% $states.result.Payload.paid %}", "seen": [1]},
            "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 2}],
            "Catch": [{"ErrorEquals": ["Declined"], "Next": "refused"}],
            "Next": "pause",
        },
        "pause": {"Type": "Wait", "Seconds": 90, "Next": "lines"},
        "lines": {
            "Type": "Map",
            "Items": "{% $states.input.lines %}",
            "ItemProcessor": {
                "StartAt": "line",
                "States": {
                    "line": {
                        "Type": "Pass",
                        "Assign": {"own": "{% $states.input %}"},
                        "Next": "check",
                    },
                    "check": {
                        "Type": "Choice",
                        "Choices": [{"Condition": "{% $states.input = 'bad' %}", "Next": "broken"}],
                        "Default": "fine",
                    },
                    "broken": {"Type": "Fail", "Error": "BadLine", "Cause": "a line is bad"},
                    "fine": {"Type": "Succeed"},
                },
            },
            "End": True,
        },
        "refused": {"Type": "Succeed"},
    },
}


def charge(request: Request) -> Task | None:
    """Busy at the first attempt; declines `{"declined": true}`."""
    payload = request.arguments["Payload"]

    def answer(*_: Any) -> Any:
        if payload.get("declined"):
            raise TaskError("Declined", "no <b>money</b>")
        if request.attempt == 0:
            raise TaskError("Busy", "later")
        return {"Payload": {"paid": 5, "lines": payload["lines"], "password": "hunter22"}}

    return Task(answer)


def recorded(value: Any, **options: Any) -> Recorded:
    """A run of `MACHINE`."""
    places = {name: _span(number) for number, name in enumerate(("charge", "pause", "lines", "line"), 1)}
    program = Program("shop", MACHINE, places=places, sources={"shop.yaml": SOURCE})
    outcome = run(program, value, Options(first=charge, **options))
    return Recorded(program, outcome.execution, outcome.inside)


def _span(line: int) -> Any:
    from flowgen.diagnostics import Span
    from flowgen.diagnostics.model import Position

    return Span("shop.yaml", Position(line, 1), Position(line, 5))


@pytest.fixture
def succeeded() -> dict[str, Any]:
    return run_document("shop", [recorded({"lines": ["a", "b"]})])


@pytest.fixture
def failed() -> dict[str, Any]:
    return run_document("shop", [recorded({"lines": ["a", "bad", "c"]})])


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One browser for all tests."""
    with chromium(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture
def page(browser: Page) -> Iterator[Page]:
    """A page. The test fails if one of its scripts fails, or if it asks for anything but files and local addresses."""
    browser.problems.clear()
    browser.requests.clear()
    browser.look()
    yield browser
    foreign = [url for url in browser.requests if not url.startswith(("file:", "data:", "http://127.0.0.1:"))]
    assert (browser.problems, foreign) == ([], [])
