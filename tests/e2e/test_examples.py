"""Each example passes every check that a user would run, and produces the results in its README."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.cfn_lint import lint
from tests.e2e.programs import ROOT, Programs

EXAMPLES = ROOT / "examples"
NAMES = sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir())

TAKEN = {
    "paid_by_card": (0, "sent", "arrives within 3 days. You pay 51.21 by card."),
    "paid_by_invoice": (0, "sent", "arrives within 3 days. You pay 78.60 by invoice."),
    "gateway_busy": (5 + 10, "sent", "arrives within 9 days. You pay 22.60 by card."),
    "out_of_stock": (0, "backordered", "Only 40 of kettle are in stock. We will write when there are more."),
}
"""Inputs of `place_order`: seconds, status, and how the message ends."""

REFUSED = {
    "card_declined": "The card was declined: insufficient_funds",
    "no_invoice": "Invoices go up to 1000.00, and A-1007 comes to 1808.50",
    "too_large": "Orders above 5000.00 are taken by phone, and A-1006 comes to 5340.00",
    "unknown_article": "A-1008 contains an article that the shop does not sell",
}
"""Inputs of `place_order`, and the cause of the failure."""


@pytest.fixture(params=NAMES)
def example(request: pytest.FixtureRequest) -> Path:
    return EXAMPLES / str(request.param)


def test_it_has_no_finding(example: Path, programs: Programs) -> None:
    assert programs.succeed("flowgen", "check", folder=example) == ""


def test_its_generated_code_is_up_to_date(example: Path, programs: Programs) -> None:
    programs.succeed("flowgen", "generate", "--check", folder=example)


def test_its_own_tests_pass(example: Path, programs: Programs) -> None:
    assert " passed" in programs.succeed("pytest", folder=example)


def test_it_passes_mypy(example: Path, programs: Programs) -> None:
    """Its own settings make mypy strict, in its sources and its tests."""
    settings = tomllib.loads((example / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    assert (settings["strict"], settings["files"]) == (True, ["src", "tests"])
    programs.succeed("mypy", folder=example)


def test_its_template_has_no_finding(example: Path, programs: Programs, tmp_path: Path) -> None:
    programs.succeed("flowgen", "template", "-o", tmp_path / "stack.yaml", folder=example)

    assert lint((tmp_path / "stack.yaml").read_text("utf-8")) == []


def run(programs: Programs, example: str, name: str) -> tuple[int, dict[str, Any]]:
    done = programs.run("flowgen", "run", ".", "--input", f"@inputs/{name}.json", "--json", folder=EXAMPLES / example)
    execution: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, execution


def test_two_reminders_take_twenty_six_hours(programs: Programs) -> None:
    status, execution = run(programs, "remind_user", "ada")

    assert status == 0
    assert execution["elapsed"] == 26 * 3600
    assert execution["output"] == {"name": "Ada", "email": "ada@example.com", "times_reminded": 2}


def test_the_trace_shows_time_and_output(programs: Programs) -> None:
    ada = '{"name": "Ada", "email": "ada@example.com"}'

    last = programs.succeed("flowgen", "run", "examples/remind_user", "--input", ada, folder=ROOT).splitlines()[-1]

    assert last == 'SUCCEEDED after 26 h: {"name":"Ada","email":"ada@example.com","times_reminded":2}'


@pytest.mark.parametrize("name", TAKEN)
def test_an_order_is_taken(programs: Programs, name: str) -> None:
    code, execution = run(programs, "place_order", name)

    elapsed, status, message = TAKEN[name]
    assert code == 0
    assert (execution["elapsed"], execution["output"]["status"]) == (elapsed, status)
    assert execution["output"]["message"].endswith(message)


@pytest.mark.parametrize("name", REFUSED)
def test_an_order_is_rejected(programs: Programs, name: str) -> None:
    code, execution = run(programs, "place_order", name)

    assert code == 3
    assert (execution["status"], execution["error"], execution["cause"]) == ("FAILED", "OrderRefused", REFUSED[name])


def test_every_input_is_tried() -> None:
    inputs = {path.stem for path in (EXAMPLES / "place_order" / "inputs").glob("*.json")}

    assert inputs == TAKEN.keys() | REFUSED.keys()


def test_mypy_reports_the_handler_that_no_longer_matches(programs: Programs, tmp_path: Path) -> None:
    project = tmp_path / "remind_user"
    shutil.copytree(EXAMPLES / "remind_user", project, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
    workflow = project / "workflows" / "remind_user.yaml"
    workflow.write_text(workflow.read_text("utf-8").replace("times_reminded: integer = 0", "times_reminded: string"))
    programs.succeed("flowgen", "generate", folder=project)

    done = programs.run("mypy", "--strict", "src", folder=project)

    assert done.returncode == 1
    *errors, _ = done.stdout.splitlines()
    places = {error.split(":")[0] for error in errors}
    assert places == {"src/remind_user/send_email.py"}
