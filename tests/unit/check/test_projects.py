"""Workflows that run others."""

from __future__ import annotations

import pytest

from flowgen.check import check_children
from flowgen.diagnostics import Sink
from flowgen.model import Workflow, read_workflow
from flowgen.source import read
from tests.unit.check.marks import place


def workflow(text: str) -> Workflow:
    sink = Sink()
    root = read("workflow.yaml", text, sink)
    assert root is not None
    found = read_workflow(root, sink)
    assert found is not None
    return found


STEPS = "name: parent\nsteps:\n  - {id: a, workflow: child}\n"


@pytest.mark.parametrize(
    ("parent", "child", "codes"),
    [
        ("standard", "standard", []),
        ("standard", "express", []),
        ("express", "express", []),
        ("express", "standard", ["FG407"]),
    ],
)
def test_waiting_for_a_child(parent: str, child: str, codes: list[str]) -> None:
    """An express workflow waits for express children alone."""
    known = {"child": workflow(f"flowgen: 1\ntype: {child}\nname: child\nsteps: []\n")}
    one = workflow(f"flowgen: 1\ntype: {parent}\n{STEPS}")
    found = list(check_children(one, known))
    assert [finding.code for finding in found] == codes
    assert [place(finding) for finding in found] == [(5, 23, 5, 28) for _ in codes]
    detached = workflow(f"flowgen: 1\ntype: {parent}\n{STEPS}".replace("child}", "child, detached: true}"))
    assert list(check_children(detached, known)) == []


def test_unknown_child() -> None:
    """FG240, with the name that was likely meant."""
    known = {"child": workflow("flowgen: 1\nname: child\nsteps: []\n")}
    [finding] = check_children(workflow("flowgen: 1\n" + STEPS.replace("child", "chlid")), known)
    assert (finding.code, finding.help) == ("FG240", "did you mean `child`?")
