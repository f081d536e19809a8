"""The examples of patterns: each runs as its README says, and needs no more states than AWS's state machine."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flowgen.local import Task, execute
from flowgen.local.runtime_types import Request
from flowgen.pipeline import check_paths, definition
from tests.e2e.programs import ROOT, Programs

EXAMPLES = ROOT / "examples"
DAY = 24 * 3600

ROW = re.compile(
    r"\| (?P<pattern>[^|]+) \| \[(?P<example>\w+)\]\((?P=example)\) \| (?P<states>\d+) / (?P<entered>\d+) "
    r"\| (?P<their_states>\d+) / (?P<their_entered>\d+) \| \[[^\]]+\]\(https://[^)]+\) \|"
)
ROWS = {
    row["example"]: row for row in map(ROW.fullmatch, (EXAMPLES / "README.md").read_text("utf-8").splitlines()) if row
}
"""The table of `examples/README.md`, by example."""

PASSED: Mapping[str, Mapping[str, Any]] = {
    "sign_up": {"record": {}, "announce": {"MessageId": "m"}},
    "take_payment": {"charge_card": {"reference": "r", "fee_cents": 1}},
    "convert_price": {"rate": {"rate": 1.25, "as_of": "2026-01-02"}},
    "run_report": {"make_report": {"Containers": []}, "tell_success": {"MessageId": "m"}},
    "sort_tickets": {
        "tickets": [{"id": "t", "subject": "Hello", "body": ""}],
        "decision": {"team": "general", "urgent": False},
        "keep": {},
        "tell": {"MessageId": "m"},
    },
    "verify_account": {"check_iban": {"valid": True}, "check_vat": {"valid": True}},
    "follow_build": {"started": {"id": "b", "status": "queued"}, "look": {"id": "b", "status": "finished"}},
    "approve_expense": {"answer": {"decision": "approved"}, "pay": {"MessageId": "m"}},
    "onboard_customer": {
        "greet": {"ExecutionArn": "arn", "StartDate": "2026-01-01T00:00:00Z"},
        "score_credit": {"Output": {"points": 85, "grade": "a"}},
        "open_account": {"Output": {"number": "DE1"}},
    },
    "import_videos": {"put": {}},
    "book_trip": {
        "flight": {"code": "F", "cents": 1},
        "car": {"code": "C", "cents": 1},
        "payment": {"reference": "P", "cents": 2},
        "confirm_flight": {"code": "F", "cents": 1},
        "confirm_car": {"code": "C", "cents": 1},
        "tell_success": {"MessageId": "m"},
    },
    "nightly_import": {"fetched": {"path": "p", "rows": 1}, "checked": {"path": "p", "rows": 1}, "loaded": {}},
}
"""What each call comes to when all goes well: what a function returns, or a service answers."""

INPUTS: Mapping[str, str] = {
    "sign_up": "ada",
    "take_payment": "card",
    "convert_price": "ten_euros",
    "run_report": "april",
    "sort_tickets": "hundred",
    "verify_account": "good",
    "follow_build": "good",
    "approve_expense": "lunch",
    "onboard_customer": "ada",
    "import_videos": "may",
    "book_trip": "lisbon",
    "nightly_import": "may_day",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What a run of an example is expected to come to: its error, if any, and the seconds that it takes."""

    error: str | None = None
    elapsed: float = 0


RUNS: Mapping[tuple[str, str], Told] = {
    ("sign_up", "ada"): Told(),
    ("sign_up", "grace"): Told("MemberAlready"),
    ("sign_up", "alan"): Told("TooYoung"),
    ("take_payment", "card"): Told(),
    ("take_payment", "transfer"): Told(),
    ("take_payment", "voucher"): Told(),
    ("convert_price", "ten_euros"): Told(elapsed=2 + 4),
    ("convert_price", "ten_pounds"): Told(elapsed=2 + 4 + 8 + 16),
    ("run_report", "april"): Told(elapsed=20 * 60),
    ("run_report", "may"): Told(elapsed=3 * 60),
    ("sort_tickets", "hundred"): Told(),
    ("verify_account", "good"): Told(),
    ("verify_account", "mistyped"): Told(),
    ("follow_build", "good"): Told(elapsed=3 * 30),
    ("follow_build", "bad"): Told("BuildFailed", elapsed=3 * 30),
    ("approve_expense", "lunch"): Told(elapsed=5 * 3600),
    ("approve_expense", "piano"): Told(elapsed=2 * DAY),
    ("approve_expense", "stamp"): Told(elapsed=3 * DAY),
    ("onboard_customer", "ada"): Told(),
    ("import_videos", "may"): Told(),
    ("book_trip", "lisbon"): Told(),
    ("book_trip", "tokyo"): Told("NoCar"),
    ("book_trip", "declined"): Told("CardDeclined"),
    ("nightly_import", "may_day"): Told(),
    ("nightly_import", "bad_rows"): Told("BadRows"),
}
"""By example and input."""


REJECTING = ("__no_case", "__check", "__violation")
"""The states of an exhaustive `match` and of `validate` that AWS's machines do not have."""


def count(machine: Mapping[str, Any]) -> int:
    """The states of a machine with those of its branches and bodies, except those that reject values of other types."""
    inner = [flow for state in machine["States"].values() for flow in _flows(state)]
    return sum(not name.endswith(REJECTING) for name in machine["States"]) + sum(map(count, inner))


def _flows(state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*state.get("Branches", ()), *([state["ItemProcessor"]] if "ItemProcessor" in state else ())]


def machine_of(example: str) -> dict[str, Any]:
    folder = EXAMPLES / example
    report = check_paths((f"workflows/{example}.yaml",), folder)
    assert [found.message for found in report.diagnostics] == []
    return definition(report.loaded[0])


def entered(example: str) -> Counter[str]:
    """How often each state is entered when all goes well."""
    results = PASSED[example]
    seen: Counter[str] = Counter()

    def mock(request: Request) -> Task:
        return Task(lambda _arguments: results[request.state], returns=True)

    def observe(kind: str, state: str, _place: int) -> None:
        seen.update([state] if kind == "state" and not state.endswith(REJECTING) else [])

    value = json.loads((EXAMPLES / example / "inputs" / f"{INPUTS[example]}.json").read_text("utf-8"))
    row = {"videos/may.csv": "Content,VideoTitle,VideoPublishTime,Views\nv-1,Tea,2026-05-01,1\n"}
    execution = execute(machine_of(example), value, mock=mock, s3_objects=row, observe=observe)
    assert (execution.status, execution.error, execution.cause) == ("SUCCEEDED", None, None)
    return seen


@pytest.mark.parametrize("example", sorted(INPUTS))
def test_the_table_is_correct(example: str) -> None:
    row = ROWS[example]
    assert (count(machine_of(example)), entered(example).total()) == (int(row["states"]), int(row["entered"]))


@pytest.mark.parametrize("example", sorted(INPUTS))
def test_it_has_no_more_states_than_aws_own(example: str) -> None:
    row = ROWS[example]
    assert int(row["states"]) <= int(row["their_states"])
    assert int(row["entered"]) <= int(row["their_entered"])


def test_every_example_of_a_pattern_is_in_the_table() -> None:
    folders = {folder.name for folder in EXAMPLES.iterdir() if folder.is_dir()} - {"remind_user", "place_order"}
    assert set(ROWS) == folders == set(INPUTS) == set(PASSED)


@pytest.mark.parametrize(("example", "name"), RUNS)
def test_it_runs_as_its_readme_says(programs: Programs, tmp_path: Path, example: str, name: str) -> None:
    folder = tmp_path / example
    shutil.copytree(EXAMPLES / example, folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    readme = (folder / "README.md").read_text("utf-8")
    command = re.search(r"^flowgen (run .+) --input @inputs/\w+\.json$", readme, re.MULTILINE)
    assert command is not None

    done = programs.run("flowgen", *command[1].split(), "--input", f"@inputs/{name}.json", "--json", folder=folder)

    told = json.loads(done.stdout)
    expected = RUNS[example, name]
    assert (told.get("error"), told["elapsed"]) == (expected.error, expected.elapsed)


def test_every_input_is_run() -> None:
    given = {(path.parent.parent.name, path.stem) for name in INPUTS for path in EXAMPLES.glob(f"{name}/inputs/*.json")}
    assert given == set(RUNS)
