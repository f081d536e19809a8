"""The check of names and the check of types follow the same paths, so that they agree on which steps have a value."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowgen.check import check
from flowgen.check.dataflow.flow import _Flow
from flowgen.check.dataflow.state import FlowState
from flowgen.check.scope import _Names, _Scope
from flowgen.diagnostics import Sink
from flowgen.model import Step, Workflow, read_workflow
from flowgen.pipeline import check_text
from flowgen.source import read

ROOT = Path(__file__).parents[3]
FILES = sorted(path for folder in ("examples", "tests/cases") for path in (ROOT / folder).rglob("*.yaml"))


class Scope(_Scope):
    def __init__(self, workflow: Workflow) -> None:
        super().__init__(workflow)
        self.before: dict[str, frozenset[str]] = {}

    def ran(self, step: Step, before: _Names, after: _Names) -> None:
        super().ran(step, before, after)
        self.before[step.id] = before.assigned


class Flow(_Flow):
    def __init__(self, workflow: Workflow) -> None:
        super().__init__(workflow, {}, strict=False)
        self.before: dict[str, frozenset[str]] = {}

    def ran(self, step: Step, before: FlowState, after: FlowState) -> None:
        super().ran(step, before, after)
        present = {name for name, type_ in before.variables.items() if not type_.may_be_absent}
        self.before[step.id] = frozenset(present)


def workflow_in(text: str) -> Workflow | None:
    """The workflow in a file; None for other files, and for one with errors."""
    sink = Sink()
    root = read("workflow.yaml", text, sink) if "flowgen: 1" in text else None
    workflow = None if root is None else read_workflow(root, sink)
    if workflow is None or sink.failed:
        return None
    checked = Sink()
    check(workflow, checked)
    return None if checked.failed else workflow


def test_a_step_that_has_a_value_has_a_type() -> None:
    """Where FG208 allows a step's name, the step has a type that is never undefined. In all examples and cases."""
    seen = 0
    for path in FILES:
        workflow = workflow_in(path.read_text(encoding="utf-8"))
        if workflow is None:
            continue
        scope, flow = Scope(workflow), Flow(workflow)
        scope.whole(_Names())
        flow.analyse()
        for step, assigned in scope.before.items():
            seen += len(assigned)
            assert assigned <= flow.before[step], (path, step)
    assert seen > 500


@pytest.mark.parametrize(
    "owner",
    [
        "call: send",
        "parallel: {a: [{id: b, set: 1}]}",
        "for_each: [1, 2]\n    steps: [{id: b, set: 1}]",
    ],
)
def test_what_undoes_a_step_is_checked(owner: str) -> None:
    """FG302 for an argument of a compensation, whatever kind of step it undoes."""
    text = f"""\
flowgen: 1
name: saga
types: {{Note: {{fields: {{text: string}}}}}}
functions:
  send: {{output: any}}
  take_back: {{input: Note, output: any}}
steps:
  - id: sent
    {owner}
    compensate: {{call: take_back, with: {{text: 3}}}}
  - id: last
    call: send
"""
    assert [finding.code for finding in check_text(text) if finding.code == "FG302"] == ["FG302"]
