"""Express workflows."""

from __future__ import annotations

import pytest

from tests.unit.check.marks import found, one

HEAD = "flowgen: 1\nname: place_order\ntype: express\nfunctions:\n  ours: {}\n  worker: {activity: true}\n"


@pytest.mark.parametrize(
    "step",
    [
        "{id: a, aws: «ecs:runTask.sync»}",
        "{id: a, call: ours, «callback»: string}",
        "{id: a, call: «worker»}",
        "{id: a, wait: «6m»}",
        "{id: a, repeat: {max: 2, every: «301s», until: $input.x}, steps: []}",
        "{id: a, for_each: $input.l, mode: «distributed», steps: []}",
        "{id: a, set: 1}\n  - {id: b, steps: [{id: c, wait: «6m»}]}",
    ],
)
def test_what_express_can_not_do(step: str) -> None:
    """The step is reported, and the `type` that forbids it."""
    finding = one(f"steps:\n  - {step}\n", "FG407", HEAD)
    assert [label.text for label in finding.secondary] == ["an express workflow"]
    standard = step.replace("«", "").replace("»", "")
    assert found(f"steps:\n  - {standard}\n", "FG407", HEAD.replace("express", "standard")) == []


def test_five_minutes() -> None:
    """An express workflow runs for five minutes at most."""
    assert "but this is 600" in one("timeout: «10m»\nsteps:\n  - {id: a, call: ours}\n", "FG407", HEAD).message
    assert found("timeout: 5m\nsteps:\n  - {id: a, wait: 5m}\n", "FG407", HEAD) == []


def test_alarms_of_what_can_not_happen() -> None:
    """An express execution cannot be stopped, and nothing holds it back; that there is no alarm may be said."""
    steps = "steps:\n  - {id: a, call: ours}\n"

    finding = one(f"alarms: {{aborted: «true»}}\n{steps}", "FG407", HEAD)
    assert finding.help == "remove `aborted`: express workflows have no such metric"
    one(f"alarms: {{throttled: «{{threshold: 3}}»}}\n{steps}", "FG407", HEAD)
    assert found(f"alarms: {{aborted: false, failed: {{threshold: 3}}}}\n{steps}", "FG407", HEAD) == []
    assert found(f"alarms: false\n{steps}", "FG407", HEAD) == []


def test_express_children() -> None:
    """The children of a distributed `for_each` may be express, and are bound by the same rules."""
    text = (
        "steps:\n  - id: a\n    for_each: $input.l\n    mode: distributed\n    child_type: express\n"
        "    steps:\n      - {id: b, wait: «6m»}\n  - {id: c, wait: 6m}\n"
    )
    head = HEAD.replace("type: express\n", "")
    assert [label.text for label in one(text, "FG407", head).secondary] == ["express children"]
