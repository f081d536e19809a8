"""A run report in headless Chromium: what it shows, by mouse and keyboard, in both color schemes, wide and narrow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowgen.viewer import report_page, run_document
from tests.accessibility import problems
from tests.browser import Page
from tests.unit.viewer.conftest import recorded

pytestmark = pytest.mark.needs("chromium")


def opened(page: Page, folder: Path, document: dict[str, Any]) -> Page:
    file = folder / "run.html"
    file.write_text(report_page(document), "utf-8")
    page.open(file.as_uri())
    return page


def choose(page: Page, state: str) -> None:
    """Click a state in the list of states."""
    names = "[...document.querySelectorAll('.state .name')]"
    page.js(f"{names}.find(one => one.textContent === '{state}').parentElement.click()")


def opened_parts(page: Page) -> dict[str, str]:
    """The texts of the parts of the current step, by their titles."""
    script = """Object.fromEntries([...document.querySelectorAll('.details-panel > details')].map(
        one => [one.querySelector('summary').innerText, one.innerText.split('\\n').slice(1).join('\\n').trim()]))"""
    found: dict[str, str] = page.js(script)
    return found


def test_a_failed_run_opens_at_the_failure(page: Page, tmp_path: Path, failed: dict[str, Any]) -> None:
    opened(page, tmp_path, failed)
    assert "BadLine: a line is bad" in page.text(".run-head")
    assert page.text("#step-title") == "broken"
    assert page.text(".details-panel .path") == "lines #1"
    assert page.js("document.querySelector('.source li[aria-current]') === null")  # the state has no line


def test_a_step_shows_its_values(page: Page, tmp_path: Path, succeeded: dict[str, Any]) -> None:
    opened(page, tmp_path, succeeded)
    choose(page, "charge")
    parts = opened_parts(page)
    assert parts["Input"] == '{\n  "lines": [\n    "a",\n    "b"\n  ]\n}'
    assert '"paid": 5' in parts["Output"]
    assert '"password": "****"' in parts["Output"]
    assert parts["Variables assigned here"].startswith('{\n  "paid": 5')
    assert [line.split("\t") for line in parts["Attempts"].splitlines()] == [
        ["attempt", "after", "waited", "outcome"],
        ["1", "0 s", "", "Busy: later"],
        ["2", "2 s", "2 s", "ok"],
    ]
    assert ".paid\tnone\t5" in parts["Changes"]
    assert page.text(".source-panel h2") == "shop.yaml:1"
    assert page.text(".source li[aria-current]") == "charge: first line"
    choose(page, "pause")
    assert opened_parts(page)["Variables"].startswith('{\n  "paid": 5')
    assert page.text(".source li[aria-current]") == "pause: <script>alert(1)</script>"


def test_the_diagram_shows_the_moment(page: Page, tmp_path: Path, succeeded: dict[str, Any]) -> None:
    """The status of each state, how often it was entered and retried; a click selects a state."""
    opened(page, tmp_path, succeeded)
    script = """Object.fromEntries([...document.querySelectorAll('.diagram [data-state]')].map(
        one => [one.dataset.state, [one.getAttribute('class').match(/status-(\\w+)/)[1],
                                    one.querySelector('.badge')?.textContent ?? '']]))"""
    assert page.js(script) == {
        "charge": ["succeeded", "↻1"],
        "pause": ["succeeded", ""],
        "lines": ["succeeded", ""],
        "line": ["succeeded", "2\u00d7"],
        "check": ["succeeded", "2\u00d7"],
        "fine": ["succeeded", "2\u00d7"],
        "broken": ["waiting", ""],
        "refused": ["waiting", ""],
    }
    page.enter("[type=range]", 3)
    assert page.js(script)["charge"] == ["running", ""]
    assert page.js(script)["lines"] == ["waiting", ""]
    box = "document.querySelector('.diagram [data-state=pause] rect')"
    page.js(f"{box}.dispatchEvent(new MouseEvent('click', {{bubbles: true}}))")
    assert page.text("#step-title") == "pause"


def test_frames_of_generated_code_are_left_out(page: Page, tmp_path: Path, failed: dict[str, Any]) -> None:
    """The stack trace is in the step, not in the head of the page."""
    frames = ['  File "/a/generated/runtime.py", line 1, in handle\n', '  File "/a/charge.py", line 5, in charge\n']
    cause = json.dumps({"errorMessage": "declined", "errorType": "Declined", "stackTrace": frames})
    run = failed["runs"][0]
    run["cause"] = cause
    fail = next(event for event in run["events"] if event["type"] == "TaskFailed")
    fail["details"] |= {"error": "Declined", "cause": cause}
    opened(page, tmp_path, failed)
    assert page.text(".run-head .error") == "BadLine: declined"
    choose(page, "charge")
    assert opened_parts(page)["Attempts"].splitlines()[1].split("\t")[3] == "Declined: declined"
    retried = next(event for event in run["events"] if event["type"] == "TaskSucceeded")
    retried |= {"type": "TaskFailed", "details": fail["details"]}
    opened(page, tmp_path, failed)
    choose(page, "charge")
    error = opened_parts(page)["Error"]
    assert "charge.py" in error
    assert "runtime.py" not in error


def test_integers_keep_their_digits(page: Page, tmp_path: Path) -> None:
    """Also those that JavaScript's numbers cannot represent."""
    opened(page, tmp_path, run_document("shop", [recorded({"lines": [9007199254740993, 9223372036854775807, 1.5]})]))
    choose(page, "lines")
    assert "9007199254740993" in opened_parts(page)["Input"]
    assert "[9007199254740993,9223372036854775807,1.5]" in opened_parts(page)["Changes"]


def test_two_steps_are_compared(page: Page, tmp_path: Path, succeeded: dict[str, Any]) -> None:
    opened(page, tmp_path, succeeded)
    choose(page, "charge")
    page.click(".details-panel button", "Pin this step")
    choose(page, "lines")
    changes = opened_parts(page)["Changes"]
    assert "charge → lines" in changes
    assert '.password\tnone\t"****"' in changes
    page.enter(".details-panel select", "own")
    assert '$\t{"paid":5,"lines":["a","b"],"password":"****"}\t["a","b"]' in opened_parts(page)["Changes"]


def test_the_keyboard_steps_through_the_run(page: Page, tmp_path: Path, succeeded: dict[str, Any]) -> None:
    """By events, by steps, and in the list."""
    opened(page, tmp_path, succeeded)
    count = len(succeeded["runs"][0]["events"])
    assert page.text(".moment").startswith(f"event {count} of {count}: ExecutionSucceeded")
    page.key("ArrowLeft")
    assert page.text(".moment").startswith(f"event {count - 1} of {count}: MapStateExited · lines")
    for _ in range(20):
        page.key("ArrowLeft", shift=True)
    assert page.text("#step-title") == "charge"
    assert page.js("document.querySelectorAll('.state.status-waiting').length") == 7
    page.key("ArrowRight", shift=True)
    assert page.text("#step-title") == "pause"
    page.js("document.querySelector('.list').focus()")
    page.key("ArrowDown")
    assert page.text("#step-title") == "lines"
    page.key("Home")
    assert page.text("#step-title") == "charge"
    active = page.js("document.getElementById(document.activeElement.getAttribute('aria-activedescendant')).innerText")
    assert "charge" in active


def test_the_slider_moves_in_time(page: Page, tmp_path: Path, succeeded: dict[str, Any]) -> None:
    """States that were not entered yet are shown as such."""
    opened(page, tmp_path, succeeded)
    page.enter("[type=range]", 3)
    assert page.text("#step-title") == "charge"
    assert page.js("document.querySelector('.state[aria-current]').className") == "state status-running"
    assert page.js("document.querySelector('[type=range]').getAttribute('aria-valuetext')").startswith("event 3 of ")


def test_an_item_is_shown_alone(page: Page, tmp_path: Path, failed: dict[str, Any]) -> None:
    opened(page, tmp_path, failed)
    choose(page, "lines")
    page.click(".links button", "#0")
    names = page.js("[...document.querySelectorAll('.row .name')].map(one => one.innerText)")
    assert names == ["line", "check", "fine"]
    assert "Only lines #0" in page.text(".scope")
    page.click(".scope button")
    assert page.js("document.querySelector('.scope').hidden")


def test_events_are_listed_and_filtered(page: Page, tmp_path: Path, succeeded: dict[str, Any]) -> None:
    opened(page, tmp_path, succeeded)
    page.click("input[value=events]")
    page.enter("[type=search]", "taskFailed")
    assert page.js("[...document.querySelectorAll('.row .name')].map(one => one.innerText)") == ["TaskFailed"]
    page.click(".row")
    page.click(".details-panel > details:last-child > summary")
    assert '"error": "Busy"' in opened_parts(page)["Event"]
    page.enter("[type=search]", "no such")
    assert "Nothing matches." in page.text(".list-panel")


def test_runs_are_selected(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, run_document("two", [recorded({"declined": True}), recorded({"lines": []})]))
    assert page.text(".run-head .status").strip().endswith("succeeded")
    page.enter(".runs select", 0)
    choose(page, "charge")
    assert page.js("document.querySelector('.state[aria-current]').className") == "state status-caught"
    assert "Declined: no <b>money</b>" in opened_parts(page)["Error"]


@pytest.mark.needs("axe")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("listed", ["steps", "events"])
def test_accessible(page: Page, tmp_path: Path, failed: dict[str, Any], *, dark: bool, width: int, listed: str) -> None:
    """axe finds nothing, and nothing is wider than the window."""
    page.look(width, dark=dark)
    opened(page, tmp_path, failed)
    page.click(f"input[value={listed}]")
    assert problems(page) == []
    choose(page, "charge")
    page.js("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert problems(page) == []
    assert page.js("document.documentElement.scrollWidth") == width


def test_ten_thousand_events(page: Page, tmp_path: Path) -> None:
    """The lists render only what is visible, wherever they are scrolled."""
    document = run_document("shop", [recorded({"lines": ["a"] * 1_250})])
    count = len(document["runs"][0]["events"])
    assert count > 10_000
    opened(page, tmp_path, document)
    for listed in ("steps", "events"):
        page.click(f"input[value={listed}]")
        for place in (0, 0.5, 1):
            page.js(f"(list => {{ list.scrollTop = list.scrollHeight * {place}; }})(document.querySelector('.list'))")
            page.js("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            assert 5 < page.js("document.querySelectorAll('.row').length") < 80
    assert page.text(".row:last-child").split()[:2] == [str(count), "ExecutionSucceeded"]
    choose(page, "line")
    assert page.text("#step-title") == "line"


def test_scripts_off(page: Page, tmp_path: Path, failed: dict[str, Any]) -> None:
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        opened(page, tmp_path, failed)
        root = page.call("DOM.getDocument")["root"]["nodeId"]
        node = page.call("DOM.querySelector", nodeId=root, selector="noscript li")["nodeId"]
        assert "shop: FAILED: BadLine: a line is bad" in page.call("DOM.getOuterHTML", nodeId=node)["outerHTML"]
        assert page.call("DOM.querySelector", nodeId=root, selector=".run-head")["nodeId"] == 0
    finally:
        page.call("Emulation.setScriptExecutionDisabled", value=False)
