"""`break`, `continue` and `return`: each goes somewhere that Step Functions can go to."""

from __future__ import annotations

import pytest

from tests.unit.check.marks import found, one


def test_outside_of_a_loop() -> None:
    """A jump that names nothing needs a loop around it."""
    steps = "steps:\n  - id: a\n    set: 1\n  - id: b\n    {}: «null»\n"
    assert "not in a loop" in one(steps.replace("{}", "break"), "FG211").message
    assert "not in a loop" in one(steps.replace("{}", "continue"), "FG211").message


def test_group_is_not_a_loop() -> None:
    """A `break` without a name leaves a loop; the group around it is offered by its name."""
    text = "steps:\n  - id: outer\n    steps:\n      - id: b\n        if: $input.x\n        break: «null»\n"
    assert one(text, "FG211").help == "name the group that it leaves: `outer`"


def test_named_block_encloses() -> None:
    """The name is that of a group or loop around the jump, and a slip gets a suggestion."""
    text = "steps:\n  - id: outer\n    steps:\n      - id: b\n        if: $input.x\n        break: «outr»\n"
    assert one(text, "FG211").help == "did you mean `outer`?"
    text = "steps:\n  - {id: a, steps: []}\n  - id: b\n    steps:\n      - {id: c, if: $input.x, break: «a»}\n"
    assert one(text, "FG211").help == "it is enclosed by `b`"


def test_group_has_no_rounds() -> None:
    """`continue` goes on with the next round, which only a loop has."""
    text = "steps:\n  - id: a\n    steps:\n      - id: c\n        if: $input.x\n        continue: «a»\n"
    assert one(text, "FG211").help == "to leave the group, write `break: a`"


@pytest.mark.parametrize(
    "jump", ["break: «null»", "break: «every»", "return: «1»", "break: «outer»", "continue: «loop»"]
)
def test_for_each_is_not_left(jump: str) -> None:
    """A Map state runs its body apart: no jump crosses its border, whatever it names."""
    text = (
        "steps:\n  - id: loop\n    repeat: {max: 3, until: $input.x}\n    steps:\n      - id: outer\n        steps:\n"
        "          - id: every\n            for_each: $input.lines\n            steps:\n"
        f"              - id: jump\n                {jump}\n"
    )
    finding = one(text, "FG211")
    assert "cannot leave the body of `every`" in finding.message
    assert [label.text for label in finding.secondary] == ["this `for_each`"]


@pytest.mark.parametrize("jump", ["break: «null»", "return: «1»", "continue: «null»", "break: «loop»"])
def test_parallel_is_not_left(jump: str) -> None:
    """A branch of a Parallel state is run apart too."""
    text = (
        "steps:\n  - id: loop\n    repeat: {max: 3, until: $input.x}\n    steps:\n      - id: both\n"
        f"        parallel:\n          one:\n            - id: jump\n              {jump}\n"
    )
    assert "cannot leave the body of `both`" in one(text, "FG211").message


def test_what_is_allowed() -> None:
    """Loops and groups inside one scope are left at will, and a `for_each` item is ended."""
    text = """\
steps:
  - id: outer
    steps:
      - id: loop
        repeat: {max: 3, until: $input.x}
        steps:
          - {id: a, if: $input.a, break: null}
          - {id: b, if: $input.a, break: loop}
          - {id: c, if: $input.a, break: outer}
          - {id: d, if: $input.a, continue: null}
          - {id: e, if: $input.a, continue: loop}
          - {id: f, if: $input.a, return: 1}
      - id: every
        for_each: $input.lines
        steps:
          - {id: g, if: $input.a, continue: null}
          - {id: h, if: $input.a, continue: every}
          - id: inner
            repeat: {max: 3, until: $input.x}
            steps:
              - {id: i, if: $input.a, break: null}
              - {id: j, if: $input.a, continue: every}
"""
    assert found(text, "FG211") == []


def test_handlers_of_a_block_are_outside_of_it() -> None:
    """What catches a group's errors, and what runs at its end, is not part of the group."""
    text = """\
steps:
  - id: group
    steps:
      - id: pay
        call: charge
    catch:
      - errors: [CardDeclined]
        steps:
          - {id: a, if: $input.x, break: «group»}
    finally:
      - {id: b, if: $input.x, break: «group»}
"""
    assert len(found(text, "FG211")) == 2


def test_shared_handler_is_not_reached_out_of_a_body() -> None:
    """The states of a shared handler are the workflow's, to which no catcher in a Map state can go."""
    text = """\
handlers:
  tell:
    - {id: told, fail: $error}
steps:
  - id: every
    for_each: $input.lines
    steps:
      - id: pay
        call: charge
        catch:
          - {errors: [CardDeclined], handler: «tell»}
"""
    assert one(text, "FG211").help == "write the steps in this `catch`, or catch the error around the whole step"


def test_shared_handler_and_what_runs_at_the_end() -> None:
    """A shared handler ends the workflow, and knows of no group whose `finally` was to run."""
    text = """\
handlers:
  tell:
    - {id: told, fail: $error}
steps:
  - id: group
    steps:
      - id: pay
        call: charge
        catch:
          - {errors: [CardDeclined], handler: «tell»}
    catch:
      - {errors: [States.Timeout], handler: «tell»}
    finally:
      - id: clean
        call: charge
        catch:
          - {errors: [any], handler: tell}
"""
    assert [finding.help for finding in found(text, "FG211")] == ["write the steps in this `catch`"] * 2
