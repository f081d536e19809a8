"""What can't be reached, and loops."""

from __future__ import annotations

import pytest

from tests.unit.check.marks import found, one


def test_behind_a_constant() -> None:
    """What is behind `false`, and what follows `true`, never runs."""
    assert one("steps:\n  - id: a\n    if: «false»\n    set: 1\n", "FG206").message == "`a` is unreachable"
    text = (
        "steps:\n  - id: a\n    switch:\n      - {when: «false», steps: []}\n      - {when: true, steps: []}\n"
        "      - {when: «$input.x», steps: []}\n    «else»: []\n"
    )
    assert [finding.message for finding in found(text, "FG206")] == [
        "this rule never applies",
        "this rule is never reached",
        "this `else` never runs",
    ]


def test_else_of_both_booleans() -> None:
    """A boolean is one of two."""
    text = "steps:\n  - id: a\n    match: $input.x\n    cases:\n      true: []\n      false: []\n    {}: []\n"
    assert one(text.replace("{}", "«else»"), "FG206").message == "this `else` never runs"
    assert found(text.replace("{}", "else").replace("false:", "maybe:"), "FG206") == []


@pytest.mark.parametrize(
    ("step", "label"),
    [
        ("return: 1", "this step always ends the workflow"),
        ("repeat: {max: 3}\n    steps:\n      - {id: w, return: 1}", "this loop never ends"),
        (
            (
                "switch:\n      - when: $input.x\n        steps:\n          - {id: c, return: 1}\n    else:\n"
                "      - {id: d, fail: {error: Lost}}"
            ),
            "this step never continues with the next",
        ),
    ],
)
def test_after_a_step_that_ends(step: str, label: str) -> None:
    """The step behind is reported, and why at the step before it."""
    finding = one(f"steps:\n  - id: a\n    {step}\n  - id: «b»\n    set: 1\n", "FG206")
    assert [one.text for one in finding.secondary] == [label]


def test_after_a_jump() -> None:
    """A `break` goes elsewhere as well."""
    text = "steps:\n  - id: a\n    steps:\n      - {id: b, break: a}\n      - {id: «c», set: 1}\n"
    assert [label.text for label in one(text, "FG206").secondary] == ["this step always jumps elsewhere"]


def test_loop_without_a_way_out() -> None:
    """A loop ends by its condition, by a jump, by a `return` or `fail`, or, with a bound, by running out."""
    text = "steps:\n  - id: {}\n    repeat: {{{}}}\n    steps:\n      - {}\n"
    endless = text.format("«a»", "max: unlimited, every: 1m", "{id: b, call: charge}")
    assert one(endless, "FG214").message == "this loop never ends"
    bounded = text.format("«a»", "max: 3", "{id: b, call: charge}")
    assert one(bounded, "FG214").message == "this loop can only end with `RepeatLimitExceeded`"
    assert (
        found(bounded.replace("«", "").replace("»", "") + "    catch:\n      - {errors: [any], steps: []}\n", "") == []
    )
    for step in ("{id: b, if: $input.x, break: null}", "{id: b, if: $input.x, return: 1}", "{id: b, fail: {error: X}}"):
        assert found(text.format("a", "max: unlimited", step), "FG214") == []
    for condition in ("until: $input.x", "while: $input.x"):
        assert found(text.format("a", f"max: 3, {condition}", "{id: b, call: charge}"), "FG214") == []


def test_way_out_of_an_outer_block() -> None:
    """A jump out of a group around the loop leaves the loop as well; one inside does not."""
    text = """\
steps:
  - id: group
    steps:
      - id: {}
        repeat: {{max: 3}}
        steps:
          - {{id: inner, steps: [{{id: b, if: $input.x, break: {}}}]}}
"""
    assert found(text.format("loop", "group"), "FG214") == []
    assert one(text.format("«loop»", "inner"), "FG214").code == "FG214"


def test_unlimited_loop() -> None:
    """A loop without a bound is worth a warning even when it has a way out."""
    text = "steps:\n  - id: a\n    repeat: {max: «unlimited», until: $input.x}\n    steps: []\n"
    assert one(text, "FG215").severity == "warning"
