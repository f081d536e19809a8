"""The page of `flowgen serve` in headless Chromium, with the workflows of an example."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flowgen.pipeline import check_paths
from flowgen.running import of_workflow
from flowgen.serving import Settings, serve
from flowgen.serving.child_arns import with_child_arns
from tests.accessibility import problems
from tests.browser import Page, chromium
from tests.unit.serving.conftest import Client, until

pytestmark = pytest.mark.needs("chromium")

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "approve_expense"
GRACE = {"employee": "ada@example.com", "manager": "grace@example.com", "cents": 900, "reason": "lunch"}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project") / "approve_expense"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    return folder


@pytest.fixture
def client(project: Path) -> Iterator[Client]:
    """A client of a server with the example."""
    (build,) = check_paths((), project).loaded
    program = with_child_arns(of_workflow(build, lambda _name: None, {}), "123456789012", "us-east-1")
    settings = Settings(now=lambda: datetime.now(UTC), clock=time.monotonic)
    with serve(settings, [program]) as url:
        yield Client(url)


@pytest.fixture
def page(browser: Page, client: Client) -> Iterator[Page]:
    """The page, opened. The test fails if a script fails, or if the page loads anything from another host."""
    browser.look()
    browser.problems.clear()
    browser.requests.clear()
    browser.open(f"{client.url}/")
    yield browser
    browser.open("about:blank")  # so that it asks nothing of the server that ends
    foreign = [url for url in browser.requests if not url.startswith((client.url, "data:", "about:"))]
    assert (browser.problems, foreign) == ([], [])


def shows(page: Page, text: str) -> None:
    """Wait until the page shows a text."""
    until(lambda: page.js("document.body.innerText"), lambda found: text in found)


def started(page: Page, value: Any = GRACE) -> None:
    """Start an execution with the form of the machine."""
    shows(page, "approve_expense")
    page.click("td a")
    shows(page, "The value has its type.")
    page.enter("textarea", json.dumps(value))
    page.click("button.main", "Start")
    shows(page, "answer waits for an answer")


def test_an_execution_is_started_and_answered(page: Page, client: Client) -> None:
    """With the forms; the page follows the execution, and lists it."""
    started(page)
    assert page.text(".title .status").strip().endswith("running")
    page.enter(".fields select", '"refused"')
    assert json.loads(page.js("document.querySelector('.answer textarea').value")) == {"decision": "refused"}
    page.click(".answer button.main")
    shows(page, "ExecutionFailed")  # nothing answers the SNS topic here
    assert page.js("document.querySelector('.answer') === null")
    assert page.text("#step-title") == "tell"
    page.click("nav a")
    shows(page, "1 execution")
    assert page.js("document.querySelectorAll('.row').length") == 1
    page.click(".row")
    shows(page, "ExecutionFailed")
    (listed,) = client.api.list_executions(
        stateMachineArn=client.api.list_state_machines()["stateMachines"][0]["stateMachineArn"]
    )["executions"]
    assert listed["status"] == "FAILED"


def test_values_are_checked_against_their_types(page: Page) -> None:
    """Those of an input and those of an answer, while they are typed."""
    shows(page, "approve_expense")
    page.click("td a")
    shows(page, "The value has its type.")
    page.enter("textarea", json.dumps({**GRACE, "cents": "many"}))
    shows(page, "$.cents: expected integer")
    assert page.js("document.querySelector('textarea').getAttribute('aria-invalid')") == "true"
    page.enter("textarea", "{")
    shows(page, "This is not valid JSON")
    page.enter("textarea", json.dumps(GRACE))
    shows(page, "The value has its type.")
    page.click("button.main", "Start")
    shows(page, "answer waits for an answer")
    page.enter(".answer textarea", '{"decision": "maybe"}')
    shows(page, "$.decision: expected")


def test_an_execution_is_stopped_and_redriven(page: Page) -> None:
    started(page)
    page.click("nav button", "Stop")
    shows(page, "ExecutionAborted")
    assert page.js(
        "[...document.querySelectorAll('nav button')].filter(one => !one.hidden).map(one => one.innerText)"
    ) == ["Redrive"]
    page.click("nav button", "Redrive")
    shows(page, "answer waits for an answer")


def test_a_task_fails_by_form(page: Page) -> None:
    started(page)
    page.click(".answer button", "Fail the task")
    shows(page, "Refused")
    shows(page, "ExecutionFailed")


def test_lists_change_by_themselves_and_are_filtered(page: Page, client: Client) -> None:
    """Executions that other clients start appear."""
    shows(page, "0 executions")
    machine = client.api.list_state_machines()["stateMachines"][0]["stateMachineArn"]
    client.start(machine, GRACE, name="from-a-client")
    shows(page, "1 execution")
    shows(page, "from-a-client")
    page.enter(".list-panel select", "SUCCEEDED")
    shows(page, "0 executions")
    page.enter(".list-panel select", "RUNNING")
    shows(page, "1 execution")
    page.enter(".list-panel [type=search]", "other")
    shows(page, "0 executions")


def test_an_unknown_execution_is_reported(page: Page) -> None:
    page.js("location.hash = '#/execution/arn:aws:states:us-east-1:123456789012:execution:a:b'")
    shows(page, "ExecutionDoesNotExist: Execution Does Not Exist")
    page.problems.clear()  # the browser logs the response with status 400


@pytest.mark.needs("axe")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_accessible(page: Page, width: int, *, dark: bool) -> None:
    """axe finds nothing in any view, and nothing is wider than the window."""
    page.look(width, dark=dark)
    shows(page, "approve_expense")
    assert problems(page) == []
    started(page)
    assert problems(page) == []
    page.click(".answer button", "Fail the task")
    shows(page, "ExecutionFailed")
    assert problems(page) == []
    page.click("nav a", "approve_expense")
    shows(page, "Start an execution")
    shows(page, "1 execution")
    assert problems(page) == []
    assert page.js("document.documentElement.scrollWidth") == width


def test_scripts_off(page: Page, client: Client) -> None:
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.open(f"{client.url}/")
        root = page.call("DOM.getDocument")["root"]["nodeId"]
        node = page.call("DOM.querySelector", nodeId=root, selector="noscript p")["nodeId"]
        assert "JavaScript, which is disabled" in page.call("DOM.getOuterHTML", nodeId=node)["outerHTML"]
    finally:
        page.call("Emulation.setScriptExecutionDisabled", value=False)
