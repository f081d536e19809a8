"""Variables in `asl` states: those of steps, and those that other `asl` states assign."""

from __future__ import annotations

import pytest

from tests.unit.check.marks import HEAD, found

HEAD_OF_STEPS = "steps:\n  - {id: first, asl: {Type: Pass, Output: 1, Assign: {mine: 1}}, output: integer}\n"


def state(expression: str, fields: str = "Type: Pass, Output: {0}") -> str:
    return HEAD_OF_STEPS + f"  - {{id: raw, asl: {{{fields.replace('{0}', repr(expression))}}}, output: any}}\n"


@pytest.mark.parametrize(
    "expression",
    [
        "{% $states.input.x + $first + $mine %}",
        "{% $input.x & $string($mine) %}",
        "{% ($y := 1; $y + $map([1], function($v) { $v + $mine })) %}",
        "{% $exists($later) ? $later : 1 %}",
        "$not_an_expression",
    ],
)
def test_variables_of_the_state_machine(expression: str) -> None:
    assert found(state(expression), "FG203") == []


@pytest.mark.parametrize(
    "expression", ["{% «$stanput».n %}", "{% «$error».Cause %}", "{% «$index» %}", "{% «$context».Execution.Id %}"]
)
def test_variables_that_the_state_machine_does_not_have(expression: str) -> None:
    """Step Functions creates such a machine; the state fails when it runs."""
    (problem,) = found(state(expression), "FG203")
    assert problem.message.startswith("unknown step or variable")


def test_a_variable_that_only_one_path_assigns() -> None:
    branch = "  - {id: maybe, if: $input.x, asl: {Type: Pass, Output: 1, Assign: {other: 1}}, output: integer}\n"
    use = "  - {id: use, asl: {Type: Pass, Output: '{% «$other» %}'}, output: any}\n"
    assert len(found(HEAD_OF_STEPS + branch + use, "FG203")) == 1
    step = "  - {id: use, asl: {Type: Pass, Output: '{% «$maybe» %}'}, output: any}\n"
    assert len(found(HEAD_OF_STEPS + branch + step, "FG208")) == 1


@pytest.mark.parametrize(("mode", "used"), [("INLINE", "$k + $mine + «$nope»"), ("DISTRIBUTED", "$k + «$mine»")])
def test_states_inside_a_raw_state(mode: str, used: str) -> None:
    """They see what they assign themselves; items of a distributed Map do not see variables outside of it."""
    config = f"{{Mode: {mode}{', ExecutionType: STANDARD' if mode == 'DISTRIBUTED' else ''}}}"
    inner = f"{{A: {{Type: Pass, Assign: {{k: 1}}, Next: B}}, B: {{Type: Pass, Output: '{{% {used} %}}', End: true}}}}"
    text = f"Type: Map, Items: [1], ItemProcessor: {{ProcessorConfig: {config}, StartAt: A, States: {inner}}}"
    assert len(found(state("", text), "FG203", HEAD)) == 1


def test_a_handler_sees_what_every_use_assigned() -> None:
    text = (
        HEAD_OF_STEPS
        + "  - {id: a, call: charge, catch: [{errors: [any], handler: h}]}\n"
        + "handlers:\n  h: [{id: b, asl: {Type: Pass, Output: '{% $mine %}'}, output: any}, {id: r, return: 1}]\n"
    )
    assert found(text, "FG203") == []
