"""What `flowgen diff` says about two versions of a workflow."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowgen.diagnostics import Sink
from flowgen.pipeline.build import Source, Sources
from flowgen.pipeline.change_report import as_html, as_json, as_markdown, as_text
from flowgen.pipeline.changes import WorkflowChange, compare
from flowgen.project import find_project
from tests.unit.docs.pages import ROOT

BASE = """\
flowgen: 1
name: pay
input: {fields: {amount: integer, note?: string}}
output: {fields: {receipt: string}}
functions:
  charge:
    input: {fields: {amount: integer}}
    output: {fields: {id: string}}
    errors: [CardDeclined]
steps:
  - id: charged
    call: charge
    with: {amount: "${ $input.amount }"}
    retry: {attempts: 2, errors: [CardDeclined]}
  - id: large
    switch:
      - when: $input.amount > 100
        steps:
          - id: pause
            wait: 1 hour
  - id: done
    return: {receipt: "${ $charged.id }"}
"""


def sources(folder: Path, *texts: str) -> tuple[Source, ...]:
    (folder / "workflows").mkdir(parents=True)
    (folder / "pyproject.toml").write_text("[tool.flowgen]\n")
    for number, text in enumerate(texts):
        (folder / "workflows" / f"w{number}.yaml").write_text(text)
    return Sources(folder).project(find_project(folder, Sink(), folder))


def changed(folder: Path, before: str, after: str) -> tuple[WorkflowChange, ...]:
    return compare(sources(folder / "before", before), sources(folder / "after", after))


def lines(folder: Path, *replacements: tuple[str, str]) -> list[str]:
    after = BASE
    for old, new in replacements:
        assert old in after
        after = after.replace(old, new)
    return [line.strip() for line in as_text(changed(folder, BASE, after))]


def test_the_same_workflow_has_no_changes(tmp_path: Path) -> None:
    assert changed(tmp_path, BASE, f"# a comment\n{BASE}") == ()


@pytest.mark.parametrize(
    "example", sorted((ROOT / "examples").glob("*/pyproject.toml")), ids=lambda one: one.parent.name
)
def test_an_example_equals_itself(example: Path) -> None:
    one, other = (Sources(example.parent).project(find_project(example.parent, Sink())) for _ in range(2))
    assert one
    assert compare(one, other) == ()


def test_steps(tmp_path: Path) -> None:
    assert lines(
        tmp_path,
        ("attempts: 2", "attempts: 3"),
        ("          - id: pause\n            wait: 1 hour\n", "          - id: noted\n            set: 1\n"),
    ) == [
        "pay: changed",
        "steps",
        "~ charged (call charge)",
        "retry.attempts: 2 -> 3",
        "+ noted (set 1)",
        "- pause (wait 1 hour)",
    ]


def test_a_change_inside_a_step_is_not_one_of_the_step_around_it(tmp_path: Path) -> None:
    assert lines(tmp_path, ("wait: 1 hour", "wait: 2 hours")) == [
        "pay: changed",
        "steps",
        "~ pause (wait 2 hours)",
        "wait: 1 hour -> 2 hours",
    ]


def test_steps_that_move(tmp_path: Path) -> None:
    """A step with another owner, and one that changed places with others: only this one has moved."""
    pause = "          - id: pause\n            wait: 1 hour\n"
    other = "          - id: other\n            wait: 1 day\n"
    before = BASE.replace(pause, pause + other)
    outside = before.replace(pause, "").replace("  - id: large\n", "  - id: pause\n    wait: 1 hour\n  - id: large\n")
    (one,) = changed(tmp_path / "outside", before, outside)
    assert [line.strip() for line in as_text([one])] == [
        "pay: changed",
        "steps",
        "~ pause (wait 1 hour)",
        "place: large -> the workflow",
    ]
    third = "          - id: third\n            wait: 1 minute\n"
    (two,) = changed(
        tmp_path / "order", BASE.replace(pause, pause + other + third), BASE.replace(pause, other + third + pause)
    )
    assert [line.strip() for line in as_text([two])][2:] == ["~ pause (wait 1 hour)", "place: in a different order"]


@pytest.mark.parametrize(
    ("old", "new", "breaking"),
    [
        ("note?: string", "note: string", ["input: callers that send the old input break at `note`"]),
        ("note?: string", "note?: string, tip?: integer", []),
        (
            "amount: integer, note?: string}",
            "amount: integer}",
            ["input: callers that send the old input break at `note`"],
        ),
        ("{receipt: string}}", "{receipt?: string}}", ["output: readers of the old output break at `receipt`"]),
        ("{receipt: string}}", "{receipt: string, more?: string}}", []),
    ],
)
def test_what_breaks_callers(tmp_path: Path, old: str, new: str, breaking: list[str]) -> None:
    (change,) = changed(tmp_path, BASE, BASE.replace(old, new))
    assert list(change.breaking) == breaking
    assert change.changes[0].section == "interface"


def test_a_narrower_input_breaks_and_a_wider_one_does_not(tmp_path: Path) -> None:
    wide = BASE.replace("amount: integer", "amount: number")
    (narrowed,) = changed(tmp_path / "narrowed", wide, BASE)
    assert narrowed.breaking == ("input: callers that send the old input break at `amount`",)
    (widened,) = changed(tmp_path / "widened", BASE, wide)
    assert widened.breaking == ()


def test_contracts_errors_and_permissions(tmp_path: Path) -> None:
    topic = "arn:aws:sns:eu-west-1:123456789012:t"
    told = f"  - id: told\n    aws: sns:publish\n    with: {{TopicArn: '{topic}', Message: hi}}\n"
    assert lines(
        tmp_path,
        ("output: {fields: {id: string}}", "output: {fields: {id: string, fee?: integer}}"),
        ("[CardDeclined]\nsteps", "[CardDeclined, Busy]\ntimeout: 1 day\nsteps"),
        ("  - id: done\n", f"{told}  - id: done\n"),
    ) == [
        "pay: changed",
        "steps",
        "+ told (aws sns:publish)",
        "functions",
        "~ charge",
        "contract: {amount: integer} -> {id: string} -> {amount: integer} -> {id: string, fee?: integer}",
        'errors: ["CardDeclined"] -> ["CardDeclined", "Busy"]',
        "errors",
        "+ Busy",
        "settings",
        "+ timeout: 1 day",
        "permissions",
        f"+ PayStateMachineRole: sns:Publish on {topic}",
    ]


def test_a_workflow_with_errors_is_compared_as_far_as_possible(tmp_path: Path) -> None:
    found = lines(tmp_path, ("$charged.id", "$charged.nothing"))
    assert found == [
        "pay: changed",
        "note: `flowgen check` reports errors after the change, so input, output and permissions are not compared",
        "steps",
        "~ done (return)",
        "return.receipt: ${ $charged.id } -> ${ $charged.nothing }",
    ]


def test_workflows_that_come_and_go(tmp_path: Path) -> None:
    added, removed = changed(tmp_path, BASE, BASE.replace("name: pay", "name: bill"))
    assert (added.name, added.kind, [change.name for change in added.changes]) == (
        "bill",
        "added",
        ["charged (call charge)", "large (switch)", "pause (wait 1 hour)", "done (return)"],
    )
    assert (removed.name, removed.kind) == ("pay", "removed")
    assert removed.breaking == ("executions of `pay` can no longer be started",)


def test_formats(tmp_path: Path) -> None:
    """Text from a workflow is data in each format: neither markup nor the end of a code span."""
    changes = changed(tmp_path, BASE, BASE.replace("wait: 1 hour", 'set: "a `b` </code><script>"'))
    assert "- changed `pause (set)`" not in as_markdown(changes)
    assert "`` pause (set a `b` </code><script>) ``" not in as_markdown(changes)
    assert "- changed ``pause (set a `b` </code><script>)``" in as_markdown(changes)
    page = as_html(changes, "<b>", {})
    assert "<script>" not in page
    assert "<title>&lt;b&gt;</title>" in page
    (shown,) = json.loads(json.dumps(as_json(changes)))
    assert shown["changes"][0]["details"] == [
        {"path": "wait", "before": "1 hour", "after": None},
        {"path": "set", "before": None, "after": "a `b` </code><script>"},
    ]
    assert as_markdown(()) == "No workflow changes.\n"
    assert "No workflow changes." in as_html((), "x", {})
