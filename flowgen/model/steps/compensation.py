"""`compensate`: the step that undoes another."""

from __future__ import annotations

from typing import Annotated, ClassVar

from flowgen.model.element import Element, Field, Read, Reading, Unread
from flowgen.model.leaves import OneOf
from flowgen.model.steps.tasks import Aws, Call, Http, RunWorkflow
from flowgen.source import Entry, Mapping, Node, Scalar, Style, kind_of


class Compensation(Element):
    """The step that undoes another. Compensations run in reverse order when the workflow fails later.

    `when` is "completed", or "started" to undo the step even if it failed.
    """

    what: ClassVar[str] = "a compensation"

    step: Call | Aws | Http | RunWorkflow
    when: Annotated[str, Read(OneOf(("completed", "started")))] = Field(
        "completed", description="`started` also undoes a step that failed, because it may have had an effect."
    )


UNDOING = {step.kind: step for step in (Call, Aws, Http, RunWorkflow)}
"""The kinds of steps that may undo another."""


def undoing_name(step: str) -> str:
    """The name of a compensation, for its function and for whoever answers it. Ids cannot contain `__`."""
    return f"{step}__undo"


EXCLUDED_KEYS = ("id", "compensate", "pivot", "if", "skipped")
"""Keys of steps that are not allowed in a compensation."""


def read_compensation(node: Node, reading: Reading) -> Compensation:
    """A step without an `id`: `compile` assigns one from its owner."""
    if not isinstance(node, Mapping):
        raise reading.refuse("FG102", f"`compensate` must be a step, not {kind_of(node)}", node)
    kinds = [entry.key for entry in node.entries if entry.key.text in UNDOING]
    if len(kinds) != 1:
        names = " or ".join(f"`{kind}`" for kind in UNDOING)
        raise reading.refuse("FG104", f"a compensation must be one step: {names}", node)
    for name in EXCLUDED_KEYS:
        entry = node.entry(name)
        if entry is not None:
            raise reading.refuse("FG113", f"`{name}` is not allowed in a compensation", entry.key)
    when = node.get("when")
    word = "completed" if when is None else OneOf(("completed", "started"))(when, reading)
    if word == "started" and node.get("with") is None:
        raise reading.refuse(
            "FG103", "with `when: started`, the undone step may have no value: `with` is required", node
        )
    step = UNDOING[kinds[0].text].read(_with_id(node), reading)
    if step is None:
        raise Unread
    return Compensation.made(node, step=step, when=word)


def _with_id(node: Mapping) -> Mapping:
    key = Scalar(node.origin, node.start, node.start, "id", "id", Style.PLAIN)
    value = Scalar(node.origin, node.start, node.start, "compensation", "compensation", Style.PLAIN)
    kept = tuple(entry for entry in node.entries if entry.key.text != "when")
    return Mapping(node.origin, node.start, node.end, (Entry(key, value), *kept))
