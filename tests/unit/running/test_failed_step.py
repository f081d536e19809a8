"""The step that people look for when an execution failed, although a state of the compiler raised the error again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowgen.local import Execution, Task, TaskError, execute
from flowgen.local.visits import build_tree, walk
from flowgen.pipeline import check_paths, definition
from flowgen.running.failed_step import FailedCompensation, failed_compensations, failed_step
from flowgen.running.program import fill

WORKFLOW = """\
flowgen: 1
name: trip
functions:
  book: {input: any, output: any, errors: [Full]}
  free: {input: any, output: any}
  mail: {input: any, output: any, retry: 0}
input: {fields: {full: boolean}}
steps:
  - {id: seat, call: book, with: seat, retry: 0, compensate: {call: free, retry: 0}}
  - id: meal
    call: book
    with: meal
    retry: 0
    catch: [{errors: [Full], steps: [{id: no_meal, set: none}]}]
  - {id: refused, if: $input.full, fail: {error: NoRoom}}
  - {id: sent, call: mail, with: letter, timeout: 5s}
"""


def run(tmp_path: Path, *, full: bool, **functions: Any) -> Execution:
    (tmp_path / "trip.yaml").write_text(WORKFLOW, "utf-8")
    [build] = check_paths((str(tmp_path / "trip.yaml"),), tmp_path).loaded
    tasks = {f"${{{name.capitalize()}Function}}": given for name, given in functions.items()}
    return execute(fill(definition(build), {}, {}), {"full": full}, tasks=tasks)


def fails(error: str) -> Any:
    def task(_: Any) -> None:
        raise TaskError(error, "why")

    return task


def no_meals(event: Any) -> str:
    if event["input"] == "meal":
        raise TaskError("Full", "none left")
    return "12A"


def test_the_step_before_the_compensations(tmp_path: Path) -> None:
    execution = run(tmp_path, full=False, book=no_meals, free=lambda _: None, mail=fails("Bounced"))
    found = failed_step(execution.events)
    assert found is not None
    assert (execution.error, found.name) == ("Bounced", "sent")
    assert list(failed_compensations(execution.events)) == []


def test_a_fail_before_the_compensations(tmp_path: Path) -> None:
    execution = run(tmp_path, full=True, book=no_meals, free=fails("Locked"), mail=fails("Bounced"))
    found = failed_step(execution.events)
    assert found is not None
    assert (execution.error, found.name) == ("NoRoom", "refused")
    [failed] = failed_compensations(execution.events)
    assert failed == FailedCompensation("seat", "Locked", "why")


def test_a_reserved_error_is_raised_again_by_another_name(tmp_path: Path) -> None:
    execution = run(tmp_path, full=False, book=no_meals, free=lambda _: None, mail=fails("States.Timeout"))
    found = failed_step(execution.events)
    assert found is not None
    assert (execution.error, found.name) == ("Reraised", "sent")


def test_a_violation_before_the_compensations(tmp_path: Path) -> None:
    """The state that checks a value belongs to the step that receives it."""
    text = WORKFLOW.replace("timeout: 5s}", "timeout: 5s, callback: {fields: {approved: boolean}}, validate: true}")
    (tmp_path / "trip.yaml").write_text(text, "utf-8")
    [build] = check_paths((str(tmp_path / "trip.yaml"),), tmp_path).loaded
    tasks: dict[str, Any] = {"${BookFunction}": no_meals, "${FreeFunction}": lambda _: None}
    rules = {"sent": {"approved": "no"}}
    execution = execute(
        fill(definition(build), {}, {}),
        {"full": False},
        tasks=tasks,
        mock=lambda request: Task(lambda _: rules[request.state]) if request.state in rules else None,
    )
    found = failed_step(execution.events)
    assert found is not None
    assert (execution.error, found.name) == ("ContractViolation", "sent__check")


@pytest.mark.parametrize(("error", "expected"), [("Full", ["meal"]), ("Lost", ["seat"])])
def test_what_is_caught_is_not_ok(tmp_path: Path, error: str, expected: list[str]) -> None:
    """A caught failure is marked, and a failure that nothing catches is not."""

    def book(event: Any) -> str:
        if event["input"] == "meal" or error == "Lost":
            raise TaskError(error, "why")
        return "12A"

    execution = run(tmp_path, full=False, book=book, free=lambda _: None, mail=lambda _: "sent")
    visits = list(walk(build_tree(execution.events)))
    assert [visit.name for visit in visits if visit.caught or visit.ended is None] == expected
    assert [visit.name for visit in visits if visit.caught] == (expected if error == "Full" else [])
