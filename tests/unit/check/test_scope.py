"""Names in expressions: known where they are, and with a value on every path that leads there."""

from __future__ import annotations

import pytest

from flowgen.pipeline import check_text
from tests.marked import FILE, steps, the_finding, unmarked, workflow

WORK = "functions: {work: {errors: [Refused]}}\n"


def told(body: str) -> list[str]:
    """The codes of what is found of names; types are another matter."""
    found = check_text(workflow(f"{WORK}steps:\n{body}  - {{id: used, call: work, with: 1}}\n"), FILE)
    return [one.code for one in found if one.code in ("FG203", "FG205", "FG208")]


def finding(body: str, code: str) -> tuple[str, list[str], str | None]:
    """Message, secondary labels and help of the only finding, which is at the mark."""
    found = the_finding(workflow(f"{WORK}steps:\n{body}  - {{id: used, call: work, with: 1}}\n"), code)
    return found.message, [label.text for label in found.secondary], found.help


@pytest.mark.parametrize(
    ("expression", "message", "help_"),
    [
        ("«$orderr».x", "unknown step or variable `$orderr`", "did you mean `$order`?"),
        ("«$zzzzzz»", "unknown step or variable `$zzzzzz`", "the names in scope are "),
        ("«$inptu».x", "unknown step or variable `$inptu`", "did you mean `$input`?"),
        ("«$uppercas»('x')", "unknown function `$uppercas`", "did you mean `$uppercase`?"),
        ("«$zzzzzz»('x')", "unknown function `$zzzzzz`", "use a JSONata function"),
        ("«$error».Error", "`$error` exists only in the steps of a `catch`", None),
        ("«$states».input", "`$states` cannot be used here", "write `$input`, `$context` or a step's id"),
    ],
)
def test_an_unknown_variable(expression: str, message: str, help_: str | None) -> None:
    """FG203 at the name."""
    said, _, helped = finding(f'  - {{id: order, set: {{x: 1}}}}\n  - {{id: a, set: "${{ {expression} }}"}}\n', "FG203")
    assert said == message
    assert (helped or "").startswith(help_ or "")
    assert help_ is not None or helped is None


@pytest.mark.parametrize(
    "name", ["$input", "$context.Execution.Id", "$string($input)", "$input ~> $exists", "$now()", "$uuid()"]
)
def test_names_that_are_always_there(name: str) -> None:
    """The input, the execution, and all functions."""
    assert told(f'  - {{id: a, set: "${{ {name} }}"}}\n') == []


@pytest.mark.parametrize(
    ("body", "labels"),
    [
        ("  - {id: a, set: '${ «$a» }'}\n", ["this step"]),
        ("  - {id: a, set: '${ «$b» }'}\n  - {id: b, set: 1}\n", ["this step"]),
        ("  - {id: a, call: work, with: '${ «$b» }'}\n  - {id: b, set: 1}\n", ["this step"]),
        ("  - id: g\n    steps: [{id: a, set: '${ «$g» }'}]\n", ["this step"]),
    ],
)
def test_a_step_that_has_not_run(body: str, labels: list[str]) -> None:
    """FG208 for itself and what comes later."""
    message, secondary, _ = finding(body, "FG208")
    assert message.endswith("has not run when this is evaluated")
    assert secondary == labels


ABSENT = [
    (
        "  - {id: a, if: $input.x, set: 1}\n",
        "if this is false, `a` has no value",
    ),
    (
        "  - id: s\n    switch:\n      - {when: $input.x = 1, steps: [{id: a, set: 1}]}\n",
        "if no rule of this `switch` applies, it has no value",
    ),
    (
        "  - id: s\n    switch:\n      - {when: $input.x = 1, steps: [{id: a, set: 1}]}\n    else: []\n",
        "on this branch, it has no value",
    ),
    (
        "  - id: s\n    switch:\n      - {when: $input.x = 1, steps: []}\n    else: [{id: a, set: 1}]\n",
        "on this branch, it has no value",
    ),
    (
        "  - id: g\n    if: $input.x\n    skipped: 1\n    steps: [{id: a, set: 1}]\n",
        "if this is false, `g` has no value",
    ),
    (
        "  - id: g\n    catch: [{errors: [any], steps: []}]\n    steps: [{id: a, call: work}]\n",
        "if this error is caught, it has no value",
    ),
]


@pytest.mark.parametrize(("body", "why"), ABSENT, ids=range(len(ABSENT)))
def test_a_step_that_may_not_have_run(body: str, why: str) -> None:
    """FG208 with the place that decides."""
    message, secondary, help_ = finding(f"{body}  - {{id: last, set: '${{ «$a» }}'}}\n", "FG208")
    assert (message, secondary) == ("`a` may have no value here", [why])
    assert help_ is not None
    assert help_.startswith("guard it with `$exists($a)`")


def test_a_step_of_a_handler() -> None:
    """It has no value where nothing was caught."""
    body = "  - {id: b, call: work, catch: [{errors: [any], steps: [{id: a, set: 1}]}]}\n"
    assert told(f"{body}  - {{id: last, set: '${{ $a }}'}}\n") == ["FG208"]


@pytest.mark.parametrize("body", [body for body, _ in ABSENT])
@pytest.mark.parametrize(
    "use",
    [
        "{id: last, set: '${ $exists($a) ? $a : 1 }'}",
        "{id: last, if: $exists($a), set: '${ $a }'}",
        "{id: last, if: $exists($a), steps: [{id: deep, call: work, with: '${ $a }'}]}",
        "{id: last, switch: [{when: $exists($a), steps: [{id: deep, set: '${ $a }'}]}]}",
    ],
)
def test_a_guard_helps(body: str, use: str) -> None:
    """In the expression itself, in an `if`, in a rule: also for the steps inside."""
    assert told(f"{body}  - {use}\n") == []


@pytest.mark.parametrize(
    "body",
    [
        "  - {id: a, if: $input.x, skipped: 1, set: 1}\n",
        "  - id: a\n    switch:\n      - {when: $input.x = 1, steps: [{id: b, set: 1}]}\n    else: []\n",
        "  - id: s\n    switch: [{when: $input.x = 1, steps: [{id: b, return: 1}]}]\n    else: [{id: a, set: 1}]\n",
        "  - id: s\n    switch: [{when: $input, steps: [{id: b, fail: {error: E}}]}]\n    else: [{id: a, wait: 1s}]\n",
        "  - {id: a, call: work, catch: [{errors: [any], steps: []}]}\n",
        "  - id: g\n    catch: [{errors: [any], steps: [{id: b, return: 1}]}]\n    steps: [{id: a, call: work}]\n",
        "  - id: g\n    catch: [{errors: [any], steps: [{id: b, fail: $error}]}]\n    steps: [{id: a, call: work}]\n",
        "  - id: g\n    steps: [{id: h, steps: [{id: a, set: 1}]}]\n",
        "  - {id: a, steps: []}\n",
        "  - {id: a, wait: 1s}\n",
    ],
)
def test_a_step_that_surely_has_run(body: str) -> None:
    """On every path that comes so far it has a value."""
    assert told(f"{body}  - {{id: last, set: '${{ $a }}'}}\n") == []


def test_a_switch_without_else_has_a_value_only_where_a_rule_holds() -> None:
    """Its own name is unassigned otherwise."""
    body = "  - id: a\n    switch:\n      - {when: $input.x = 1, steps: [{id: b, set: 1}]}\n"
    assert told(f"{body}  - {{id: last, set: '${{ $a }}'}}\n") == ["FG208"]


def test_errors_in_handlers() -> None:
    """`$error` is there in a handler at any depth, and nowhere after it."""
    body = """
  - id: a
    call: work
    catch:
      - errors: [any]
        steps:
          - id: b
            switch: [{when: $error.Error = 'x', steps: [{id: c, set: "${ $error.Cause }"}]}]
          - id: d
            call: work
            with: ${ $error }
            catch: [{errors: [any], steps: [{id: e, set: "${ $error.Error }"}]}]
"""
    assert told(body) == []
    assert told(f'{body}  - {{id: last, set: "${{ $error.Error }}"}}\n') == ["FG203"]


def test_what_a_handler_knows() -> None:
    """What ran before the failing step; not the step itself, nor what ran with it in a group."""
    body = """
  - {id: before, set: 1}
  - id: g
    catch: [{errors: [any], steps: [{id: b, set: ["${ $before }", "${ $PLACE }"]}]}]
    steps:
      - {id: one, call: work}
      - {id: two, call: work}
"""
    assert told(body.replace("PLACE", "before")) == []
    assert [told(body.replace("PLACE", name)) for name in ("g", "one", "two")] == [["FG208"]] * 3


@pytest.mark.parametrize("name", ["a", "input", "context", "error", "states"])
def test_a_binding_that_hides_a_name(name: str) -> None:
    """FG205: two values with one name in the same expression confuse the reader."""
    said, _, help_ = finding(f'  - {{id: a, set: 1}}\n  - {{id: b, set: "${{ («${name}» := 1; 2) }}"}}\n', "FG205")
    assert (said, help_) == (f"`${name}` is bound here, but is already defined", "rename the variable")


_MAPPED = "  - {id: a, set: '${ $map([1], function($line) { $line }) }'}\n"
_LOOP = "  - {id: b, for_each: [1], as: line, steps: [{id: c, set: '${ $line }'}]}\n"


@pytest.mark.parametrize(
    "body",
    [
        "  - {id: total, set: '${ ($total := 1; $total + 1) }'}\n",
        "  - {id: a, set: '${ ($total := 1; $total + 1) }'}\n  - {id: total, set: 2}\n",
        "  - {id: a, set: '${ ($total := 1; $exists($total)) }'}\n  - {id: total, set: 2}\n",
        f"{_MAPPED}{_LOOP}",
        f"{_LOOP}{_MAPPED}",
    ],
)
def test_a_binding_may_reuse_a_name_that_is_not_in_scope(body: str) -> None:
    assert told(body) == []


def test_steps_after_the_end_are_not_looked_at() -> None:
    """They never run, which is reported once."""
    text, _ = unmarked(steps("  - {id: a, return: 1}\n  - {id: b, set: '${ $nope«» }'}\n"))
    assert [found.code for found in check_text(text, FILE)] == ["FG206"]


def test_many_steps_and_branches() -> None:
    """Following control takes time in proportion to what is written, nearly: this test would not end otherwise."""
    rules = "".join(f"      - {{when: $input.x = {i}, steps: [{{id: a{i}, set: 1}}]}}\n" for i in range(500))
    assert told(f"  - id: s\n    switch:\n{rules}" + "".join(f"  - {{id: b{i}, set: 1}}\n" for i in range(500))) == []
