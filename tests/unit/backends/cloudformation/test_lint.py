"""cfn-lint has nothing to say, whatever a workflow holds; and the templates are the ones that were read by us."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from flowgen.backends.cloudformation import WorkflowStack, build_template, findings, to_json, to_yaml
from tests.cfn_lint import lint
from tests.unit.backends.cloudformation.support import PLACE_ORDER, REMIND_USER, small_unit, unit, units
from tests.unit.backends.cloudformation.workflows import EXAMPLES

GOLDEN = Path(__file__).parent / "golden"

_TRAP = "${SendFunction} ${AWS::Region} ${CodeBucket} {{resolve:ssm-secure:x}} {{ 'y' }} %} é 🎉 \"q\" \\ !Ref x: # "


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


HOSTILE = f"""\
flowgen: 1
name: hostile
description: {_quoted(_TRAP * 30)}
functions:
  send:
    description: {_quoted(_TRAP * 8)}
    environment: {{REGION: "${{AWS::Region}}", DATE: 2026-11-01, "NO": "no", LONG: {"x" * 3000}}}
    errors: [Full]
  b_2: {{timeout: 15m, memory: 10240, description: "12"}}
  outer: {{arn: "arn:aws:lambda:eu-west-1:123456789012:function:x:12"}}
defaults: {{timeout: 1 day, retry: [{{attempts: 0, errors: [any]}}]}}
steps:
  - id: first
    description: {_quoted(_TRAP)}
    call: send
    with: {{Ref: {_quoted(_TRAP.replace("${", "$${"))}, "Fn::Sub": ["a", null], Condition: yes, "1": 1e3, no: {{}}}}
    catch:
      - errors: [Full, States.Timeout]
        steps:
          - id: caught
            set: {{list: [1, null, ""]}}
  - id: second
    call: b_2
    if: $exists($input.x)
    skipped: null
  - id: third
    call: outer
    catch:
      - errors: [any]
        steps:
          - id: give_up
            fail: {{error: GaveUp, cause: "${{ $error.Cause }} $${{SendFunction}}"}}
  - id: choice
    switch:
      - when: $input.a = "b" and $input.c > 0
        steps: []
      - when: $not($input.d)
        steps:
          - id: early
            return: null
  - id: block
    steps:
      - id: inner
        wait: {{until: 2030-01-01T00:00:00Z}}
      - id: last
        return: "it's over"
"""


def _long(steps: int) -> str:
    functions = "".join(f"  function_{number}: {{description: Number {number}.}}\n" for number in range(20))
    calls = "".join(f"  - id: step_{number}\n    call: function_{number % 20}\n" for number in range(steps))
    return f"flowgen: 1\nname: {'n' * 60}\nfunctions:\n{functions}steps:\n{calls}"


STACKS: dict[str, Callable[[], list[WorkflowStack]]] = {
    "remind_user": lambda: [unit(REMIND_USER)],
    "place_order": lambda: [unit(PLACE_ORDER)],
    "hostile": lambda: [unit(HOSTILE)],
    "several": lambda: [unit(REMIND_USER), unit(PLACE_ORDER), unit(HOSTILE), small_unit()],
    "empty": lambda: [small_unit(functions="")],
    "long": lambda: [unit(_long(90))],
    **{name: partial(units, *example.workflows) for name, example in EXAMPLES.items()},
}
"""Functions, so that collecting the tests compiles nothing."""


@pytest.mark.parametrize("name", STACKS)
def test_cfn_lint_finds_nothing(name: str) -> None:
    """Neither in the YAML nor in the JSON."""
    made = STACKS[name]()
    template = build_template(made)

    assert findings(made) == []
    assert lint(to_yaml(template)) == []
    assert lint(to_json(template)) == []


@pytest.mark.parametrize("name", ["remind_user", "place_order", *EXAMPLES])
def test_the_template_is_the_golden_one(name: str, update: bool) -> None:  # noqa: FBT001 - a fixture
    """A change of a template is seen in review."""
    path = GOLDEN / f"{name}.yaml"
    written = to_yaml(build_template(STACKS[name]()))
    if update:
        path.write_text(written, encoding="utf-8")

    assert path.read_text(encoding="utf-8") == written
