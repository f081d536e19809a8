"""The maximum length of an execution's history, as far as loops, lists and types limit it.

Events per state, as in GetExecutionHistory (API reference, `HistoryEvent`): every state is entered and exited; a task
is scheduled, started and ends, and is also submitted if the state waits for an answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_never

from flowgen.aws.limits import MAX_EVENTS
from flowgen.diagnostics import Diagnostic
from flowgen.model import (
    Asl,
    Aws,
    Break,
    Call,
    Continue,
    Expression,
    Fail,
    ForEach,
    Group,
    Http,
    ListValue,
    Match,
    Parallel,
    Repeat,
    Return,
    RunWorkflow,
    Set,
    Step,
    Steps,
    Switch,
    Wait,
    Workflow,
    every_step,
    own_bodies,
)
from flowgen.model.outside import validated

_STATE = 2
_TASK = 5
_WAITING_TASK = 6
_BODIES = 4
"""A Parallel or Map state: entered, started, succeeded, exited."""

_ITERATION = 2
_DEEPEST = 64


def check_history(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG412: loops and lists whose limits allow a history over AWS's limit. Express workflows have no history."""
    if workflow.type == "express":
        return
    history = _History(workflow)
    for step in every_step(workflow):
        rounds, what = history.rounds(step)
        if rounds is None:
            continue
        each = history.each(step)
        inside = max((history.most(inner) for body in own_bodies(step) for inner in body), default=0)
        if rounds * each > MAX_EVENTS >= max(each, inside):
            yield Diagnostic(
                "FG412",
                f"{rounds:,} {what} of ~{each:,} events are {rounds * each:,} events, over the limit of {MAX_EVENTS:,}",
                step.span_of(step.kind),
                help="lower the limit, run each in a child workflow, or use `for_each` with `mode: distributed`",
            )


class _History:
    def __init__(self, workflow: Workflow) -> None:
        self.workflow = workflow
        self.known: dict[str, int] = {}

    def most(self, step: Step) -> int:
        """The maximum number of events of a step."""
        found = self.known.get(step.id)
        if found is None:
            checked = validated(self.workflow, step, {}) is not None and not isinstance(step, ForEach)
            found = self.known[step.id] = self._most(step) + (_STATE if checked else 0)
        return found

    def each(self, step: Step) -> int:
        """The events of one round of a loop, or one item."""
        inside = sum(self.steps(body) for body in own_bodies(step))
        if isinstance(step, Repeat):
            return inside + _STATE + (0 if step.rounds.every is None else _STATE)
        return inside + _ITERATION

    def steps(self, steps: Steps) -> int:
        return sum(self.most(step) for step in steps)

    def _most(self, step: Step) -> int:
        match step:
            case Aws(callback=None, action=action):
                return _WAITING_TASK if action.pattern else _TASK
            case Call(callback=None) | Http():
                return _TASK
            case RunWorkflow() | Call() | Aws():
                return _WAITING_TASK
            case Wait() | Set() | Asl() | Fail():
                return _STATE
            case Return() | Break() | Continue():
                return 0
            case Switch() | Match():
                return _STATE + max(self.steps(body) for body in own_bodies(step))
            case Group():
                return sum(self.steps(body) for body in own_bodies(step))
            case Parallel():
                return _BODIES + sum(self.steps(body) for body in own_bodies(step))
            case ForEach(mode="distributed"):
                return _BODIES + 2
            case ForEach():
                return _BODIES + (self.rounds(step)[0] or 1) * self.each(step)
            case Repeat(rounds=rounds):
                return (rounds.most or 1) * self.each(step)
            case _:
                assert_never(step)

    def rounds(self, step: Step) -> tuple[int | None, str]:
        """The maximum number of runs of a body in one history, and the word for them; None if unlimited."""
        match step:
            case Repeat(rounds=rounds):
                return rounds.most, "rounds"
            case ForEach(mode="inline", items=ListValue(items=items)):
                return len(items), "items"
            case ForEach(mode="inline", items=Expression() as items):
                return self._bound(items), "items"
            case _:
                return None, ""

    def _bound(self, items: Expression) -> int | None:
        """The `maxItems` of the array in the input that an expression reads: `$input.lines`."""
        references = items.syntax.references
        if len(references) != 1 or references[0].name != "input":
            return None
        path = references[0].path
        if items.text.strip() != ".".join(("$input", *path)):
            return None
        schema: Any = self._resolved(self.workflow.input.schema)
        for name in path:
            schema = self._resolved(schema.get("properties", {}).get(name))
        most = schema.get("maxItems")
        return most if isinstance(most, int) else None

    def _resolved(self, schema: Any) -> dict[str, Any]:
        for _ in range(_DEEPEST):
            if not isinstance(schema, dict):
                return {}
            reference = schema.get("$ref")
            if not isinstance(reference, str):
                return schema
            declared = self.workflow.types.get(reference.rpartition("/")[2])
            schema = None if declared is None else declared.schema
        return {}
