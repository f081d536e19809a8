"""What AWS would reject is reported at the workflow's lines."""

from __future__ import annotations

import pytest

from flowgen.backends.cloudformation import WorkflowStack, findings
from flowgen.diagnostics import Diagnostic
from tests.unit.backends.cloudformation.support import PLACE_ORDER, REMIND_USER, small_unit, unit, unit_with


def _small(functions: str, defaults: str = "{}") -> WorkflowStack:
    text = f"flowgen: 1\nname: small\ndefaults: {{function: {defaults}}}\nfunctions:\n{functions}\nsteps: []\n"
    return unit_with(text, small_unit().definition)


def _told(found: list[Diagnostic]) -> list[tuple[str, int, int]]:
    """Code, line and column of each finding."""
    return [(d.code, d.span.start.line, d.span.start.column) for d in found if d.span is not None]


def test_a_sound_stack_has_none() -> None:
    """Two workflows of different names go into one stack."""
    assert findings([unit(REMIND_USER), unit(PLACE_ORDER)]) == []


def test_two_functions_of_one_name_after_conversion() -> None:
    """`send2_mails` and `send_2_mails` are both `Send2Mails`; the second is reported, the first is shown."""
    (found,) = findings([_small("  send2_mails: {}\n  send_2_mails: {}")])

    assert _told([found]) == [("FG501", 6, 3)]
    assert found.message == (
        "the function `send_2_mails` of `small` and the function `send2_mails` of `small`"
        " would both be `SmallSend2MailsLogGroup` in the stack"
    )
    assert [label.span.start.line for label in found.secondary] == [5]


def test_names_of_two_workflows_that_run_together() -> None:
    """`remind` with `user_send` and `remind_user` with `send` make the same ids."""
    found = findings([small_unit("remind", "user_send: {}"), small_unit("remind_user", "send: {}")])

    assert [d.code for d in found] == ["FG501"]


def test_a_function_that_takes_the_machines_role() -> None:
    """A function `state_machine` has the role `SmallStateMachineRole`, as the machine has."""
    found = findings([_small("  state_machine: {}")])

    assert _told(found) == [("FG501", 5, 3)]


def test_outer_functions_take_no_ids() -> None:
    """Nothing is deployed for them, so nothing collides."""
    outer = "{arn: arn:aws:lambda:eu-west-1:123456789012:function:x}"

    assert findings([_small(f"  state_machine: {outer}\n  a1: {outer}\n  a_1: {outer}")]) == []


@pytest.mark.parametrize(
    ("setting", "code", "offset"),
    [
        ("memory: 10241", "FG402", 8),
        ("timeout: 16m", "FG402", 9),
        ("timeout: 0s", "FG402", 9),
        (f"environment: {{BIG: {'x' * 4090}}}", "FG402", 13),
        ("environment: {OK: a, AWS_REGION: x}", "FG107", 21),
        ("environment: {Ref: x}", "FG107", 14),
    ],
)
def test_a_setting_over_a_limit_is_reported_at_its_value(setting: str, code: str, offset: int) -> None:
    """Lambda's quotas, at the function or at the defaults that it has from."""
    function = "  big: {"
    assert _told(findings([_small(f"{function}{setting}}}")])) == [(code, 5, len(function) + offset + 1)]
    assert [d[0:2] for d in _told(findings([_small("  big: {}\n  other: {}", f"{{{setting}}}")]))] == [(code, 3)]


@pytest.mark.parametrize("setting", ["memory: 10240", "memory: 128", "timeout: 15m", "timeout: 1s"])
def test_a_setting_at_a_limit_is_none(setting: str) -> None:
    """The bounds themselves are allowed."""
    assert findings([_small(f"  big: {{{setting}}}")]) == []


def test_the_environment_is_measured_as_json() -> None:
    """Lambda counts 4,096 bytes of `{"NAME":"value"}`: 4,088 are left for the value of a name of two letters."""
    longest = 4096 - len('{"AB":""}')

    assert findings([_small(f"  big: {{environment: {{AB: {'x' * longest}}}}}")]) == []
    assert len(findings([_small(f"  big: {{environment: {{AB: {'x' * (longest + 1)}}}}}")])) == 1


def test_a_handler_that_is_too_long() -> None:
    """Lambda takes 128 characters; names of 60 each and the package go over."""
    name = "f" * 60
    found = findings([_small(f"  {name}: {{}}")])
    text = f"flowgen: 1\nname: {'w' * 60}\nfunctions:\n  {name}: {{}}\nsteps: []\n"

    assert found == []
    assert _told(findings([unit_with(text, small_unit().definition)])) == [("FG401", 4, 3)]
