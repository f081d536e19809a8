"""Shared handlers, and entries of `catch` and `retry` that do nothing."""

from __future__ import annotations

import pytest

from flowgen.pipeline import check_text
from tests.unit.check.marks import found, one

PAY = "  - id: pay\n    call: charge\n    catch:\n      - {errors: [CardDeclined], handler: %s}\n"


def test_unknown_handler() -> None:
    """A handler is declared under `handlers`."""
    text = "handlers:\n  tell:\n    - {id: told, fail: $error}\nsteps:\n" + PAY
    assert one(text % "«tel»", "FG212").help == "did you mean `tell`?"
    assert one("steps:\n" + PAY % "«tel»", "FG212").help == "declare it under `handlers`, with its steps"
    assert found(text % "tell", "FG212") == []


def test_unused_handler() -> None:
    """A handler that no `catch` names is an unused declaration."""
    text = "handlers:\n  «tell»:\n    - {id: told, fail: $error}\nsteps:\n  - id: pay\n    call: charge\n"
    assert one(text, "FG209").message == "no `catch` uses the handler `tell`"


def test_handler_ends() -> None:
    """Each path of a handler ends in `fail` or `return`."""
    falls = "handlers:\n  «tell»:\n    - {id: told, if: $input.x, fail: $error}\nsteps:\n" + PAY % "tell"
    assert [label.text for label in one(falls, "FG213").secondary] == ["the handler ends after this step"]
    assert one("handlers:\n  «tell»: []\nsteps:\n" + PAY % "tell", "FG213").secondary == ()
    branches = (
        "handlers:\n  tell:\n    - id: told\n      switch:\n        - when: $input.x\n          steps:\n"
        "            - {id: x, fail: $error}\n      else:\n        - {id: y, return: 1}\nsteps:\n"
    )
    assert found(branches + PAY % "tell", "FG213") == []


@pytest.mark.parametrize(
    "step",
    [
        "steps:\n      - {id: a, set: 1}",
        "steps:\n      - {id: a, wait: 1m}",
        "repeat: {max: unlimited, until: $input.x}\n    steps:\n      - {id: a, wait: 1m}",
        "parallel:\n      one:\n        - {id: a, wait: 1m}",
        "for_each: [1, 2]\n    steps:\n      - {id: a, wait: 1m}",
    ],
)
def test_nothing_to_catch(step: str) -> None:
    """A `catch` around what can't fail never does anything."""
    text = f"steps:\n  - id: block\n    {step}\n    catch:\n      «- {{errors: [any], steps: []}}»\n"
    assert one(text, "FG216").message == "nothing in `block` can fail"


@pytest.mark.parametrize(
    "step",
    [
        "steps:\n      - {id: a, fail: {error: Lost}}",
        "repeat: {max: 2, until: $input.x}\n    steps:\n      - {id: a, wait: 1m}",
        "parallel:\n      one:\n        - {id: a, set: '${ $number($input.n) }'}",
        "for_each: $input.lines\n    steps: []",
        "steps:\n      - {id: a, call: charge}",
        "steps:\n      - {id: a, aws: 'sqs:sendMessage'}",
    ],
)
def test_something_to_catch(step: str) -> None:
    """Tasks, `fail`, loops that run out, and expressions in bodies that run apart can fail."""
    assert (
        found(f"steps:\n  - id: block\n    {step}\n    catch:\n      - {{errors: [any], steps: []}}\n", "FG216") == []
    )


def test_retry_of_nothing() -> None:
    """A `retry` around what can't fail is as useless."""
    text = "steps:\n  - id: both\n    parallel:\n      one:\n        - {id: a, wait: 1m}\n    retry: «3»\n"
    assert one(text, "FG216").help == "remove the `retry`"


def test_error_that_was_taken() -> None:
    """Of two entries with the same error the second is never asked."""
    text = (
        "steps:\n  - id: pay\n    call: charge\n    catch:\n      - {errors: [CardDeclined], steps: []}\n"
        "      - {errors: [States.Timeout, «CardDeclined»], steps: []}\n"
    )
    assert one(text, "FG216").message == "an earlier entry already matches `CardDeclined`"


def test_error_that_always_ends() -> None:
    """`States.Runtime` goes past every catcher and retrier."""
    text = "steps:\n  - id: pay\n    call: charge\n    catch:\n      - {errors: [«States.Runtime»], steps: []}\n"
    assert "cannot be caught" in one(text, "FG216").message


def test_workflow_that_can_not_fail() -> None:
    """The workflow's own `catch` needs something to catch, too."""
    text = "catch:\n  «- errors: [any]\n    steps: []»\nsteps:\n  - {id: a, wait: 1m}\n"
    assert one(text, "FG216").message == "nothing in this workflow can fail"


UNDONE = "steps:\n  - id: a\n    call: charge\n    compensate:\n      call: charge\n"


@pytest.mark.parametrize(
    ("code", "catch"),
    [
        ("FG201", "{errors: any, steps: [{id: b, call: «chrge»}]}"),
        ("FG204", "{errors: any, steps: [{id: b, call: charge}, {id: «b», call: charge}]}"),
        ("FG208", "{errors: any, steps: [{id: b, call: charge, with: '${ «$later» }'}]}"),
        ("FG206", "{errors: any, steps: [{id: b, fail: $error}, {id: «c», call: charge}]}"),
        ("FG207", "{errors: «CardDeclind», steps: []}"),
        ("FG211", "{errors: any, steps: [{id: b, break: «null»}]}"),
        ("FG216", "[{errors: CardDeclined, steps: []}, {errors: «CardDeclined», steps: []}]"),
    ],
)
def test_what_handles_the_failure_of_a_compensation(code: str, catch: str) -> None:
    """Its steps are checked against all that holds for others."""
    entries = catch if catch.startswith("[") else f"[{catch}]"
    text = f"{UNDONE}      catch: {entries}\n  - {{id: later, call: charge}}\n"
    assert one(text, code).code == code


def test_a_compensation_has_no_shared_handler() -> None:
    """Whatever fails in one begins the compensations, so that these might never end."""
    text = f"{UNDONE}      catch: [{{errors: any, handler: «tell»}}]\nhandlers: {{tell: [{{id: b, fail: $error}}]}}\n"
    assert one(text, "FG211").help == "write the steps in this `catch`"


@pytest.mark.parametrize("handlers", [{"a": "a"}, {"a": "b", "b": "a"}, {"a": "b", "b": "c", "c": "b"}])
def test_handlers_that_handle_their_own_errors(handlers: dict[str, str]) -> None:
    """They would be compiled into states that may never end."""
    declared = "".join(
        f"  {name}:\n    - {{id: {name}_1, call: work, catch: [{{errors: [any], handler: {other}}}]}}\n"
        f"    - {{id: {name}_2, fail: {{error: Failed}}}}\n"
        for name, other in handlers.items()
    )
    text = (
        f"flowgen: 1\nname: w\nfunctions: {{work: {{}}}}\nhandlers:\n{declared}"
        "steps:\n  - {id: x, call: work, catch: [{errors: [any], handler: a}]}\n"
    )
    wrong = [one.message for one in check_text(text) if one.code == "FG213"]
    circle = [name for name in handlers if name != "a" or set(handlers) <= {"a", "b"}]
    assert wrong == [f"the handler `{name}` handles its own errors, so it may never end" for name in circle]


def test_a_handler_may_use_another() -> None:
    text = (
        "flowgen: 1\nname: w\nfunctions: {work: {}}\nhandlers:\n"
        "  a:\n    - {id: a_1, call: work, catch: [{errors: [any], handler: b}]}\n    - {id: a_2, fail: {error: A}}\n"
        "  b:\n    - {id: b_1, fail: {error: B}}\n"
        "steps:\n  - {id: x, call: work, catch: [{errors: [any], handler: a}]}\n"
    )
    assert [one.message for one in check_text(text) if one.code == "FG213"] == []
