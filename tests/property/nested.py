"""Random workflows whose bodies run more than once: loops, batches, branches and shared handlers inside each other.

A body often starts with another block, so that what a block reads must be bound before it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.property.workflows import ANSWERS, DECLARED, DEPTH, Writer

JSON = Any
_KINDS = ["for_each", "repeat", "parallel", "group"]


@dataclass
class NestingWriter(Writer):
    apart: int = 0
    """How many bodies around this place run apart, so that neither `return` nor a shared handler can leave them."""
    finals: int = 0
    """How many groups with `finally` are around this place, in which no handler is shared."""
    handlers: dict[str, list[JSON]] = field(default_factory=dict)

    def blocks(self, _depth: int) -> list[str]:
        return _KINDS * 3 if _depth else []

    def step(self, known: list[str], depth: int, *, error: bool) -> tuple[JSON, bool]:
        while True:
            made, visible, names, errors = self.made, list(self.visible), list(known), set(self.errors)
            step, goes_on = super().step(known, depth, error=error)
            if not (self.apart and "return" in step):
                return step, goes_on
            self.made, self.visible, self.errors = made, visible, errors
            known[:] = names

    def block(
        self, kind: str, step: dict[str, JSON], known: list[str], depth: int, *, error: bool
    ) -> tuple[bool, bool, list[str]]:
        match kind:
            case "for_each":
                self.for_each(step, known, depth, error=error)
            case "parallel":
                self.parallel(step, known, depth, error=error)
            case _:
                self.repeat(step, known, depth, error=error)
        if self.chance(4):
            step["catch"] = self.catch([], known, depth - 1)
        return True, kind != "repeat", list(known)

    def group(self, step: dict[str, JSON], known: list[str], depth: int, *, error: bool) -> tuple[bool, list[str]]:
        outer, final = list(known), self.chance(4)
        self.finals += final
        goes_on, inside = super().group(step, known, depth, error=error)
        self.finals -= final
        if final:
            step["finally"] = [{"id": self.hidden_id(), "call": "third", "with": self.value(outer, error=error)}]
        return goes_on, inside

    def for_each(self, step: dict[str, JSON], known: list[str], depth: int, *, error: bool) -> None:
        distributed = self.chance(3)
        name = f"item{self.made}"
        lists = ["$input.list", *(f"${one}" for one in known if one.startswith("batch") and one != "batch")]
        if self.chance(2):
            step["for_each"] = self.draw(st.sampled_from(lists))
        else:
            reads = [self.read(known, error=error) for _ in range(self.draw(st.integers(0, 3)))]
            step["for_each"] = [f"${{ {read} }}" for read in reads]
        names = ["index"]
        if distributed:
            step["mode"] = "distributed"
            if self.chance(2):
                name = f"batch{self.made}"
                step["batch"] = {"items": self.number(self.draw(st.integers(1, 2)))}
                names = []
                if self.chance(2):
                    step["batch"]["with"] = {"of": f"${{ {self.read(known, error=error)} }}"}
                    names = ["batch"]
        step["as"] = name
        step["max_concurrency"] = 1
        seen = [one for one in known if one not in ("index", "batch")]
        inside = [*seen, name, *names] if self.chance(2) else [*seen, *names, name]
        errors = set(self.errors)
        step["steps"] = self.body(inside, depth, error=error and not distributed)
        if distributed:
            self.errors = errors  # the failure of a separate execution has a different name

    def number(self, number: int) -> JSON:
        """A number as such, or as an expression."""
        return f"${{ {number} }}" if self.chance(3) else number

    def parallel(self, step: dict[str, JSON], known: list[str], depth: int, *, error: bool) -> None:
        step["parallel"] = {"one": self.body(list(known), depth, error=error)}
        if self.chance(2):
            # Where two branches do more, the order of what they do is open.
            step["parallel"]["two"] = [{"id": self.hidden_id(), "set": self.value(known, error=error)}]

    def body(self, known: list[str], depth: int, *, error: bool) -> list[JSON]:
        """The steps of a body that runs apart; outside of it nothing sees them."""
        visible = list(self.visible)
        self.apart += 1
        steps, _ = self.steps(known, depth - 1, error=error)
        self.apart -= 1
        self.visible = visible
        return steps or [{"id": self.hidden_id(), "set": self.value(known, error=error)}]

    def hidden_id(self) -> str:
        name = self.id()
        self.visible.remove(name)
        return name

    def repeat(self, step: dict[str, JSON], known: list[str], depth: int, *, error: bool) -> None:
        rounds: dict[str, JSON] = {"max": self.draw(st.sampled_from([1, 2, 3]))}
        inside = list(known)
        if self.chance(2):
            rounds["as"] = f"round{self.made}"
            inside.append(rounds["as"])
            if self.chance(2):
                rounds["with"] = self.value(known, error=error, depth=1)
        if self.chance(3):
            rounds["every"] = self.draw(st.sampled_from(["4s", "${ 3 }"]))
        # Before the first round nothing in the body has a value.
        before = self.condition(inside)
        if self.chance(4):
            rounds["while"] = before
        step["repeat"] = rounds
        step["steps"], goes_on = self.steps(inside, depth - 1, error=error)
        self.errors.add("RepeatLimitExceeded")
        if "while" in rounds:
            return
        if not goes_on:
            rounds["max"] = "unlimited"  # and no round ends
            step["steps"] = [{"id": self.hidden_id(), "if": "false", "break": step["id"]}, *step["steps"]]
            return
        way = self.draw(st.sampled_from(["until", "if", "break"]))
        if way == "until":
            rounds["until"] = self.condition(inside)
        else:
            # A loop without `until`, which only its last step leaves.
            condition = {"if": self.condition(known)} if way == "if" else {}
            step["steps"] = [*step["steps"], {"id": self.hidden_id(), **condition, "break": step["id"]}]
            if way == "break":
                rounds["max"] = "unlimited"
        if self.chance(3):
            early = {"id": self.hidden_id(), "if": self.condition(known), "continue": step["id"]}
            if "until" not in rounds and "with" not in rounds:
                step["steps"] = [early, *step["steps"]]
                rounds["max"] = 2

    def catch(self, raised: list[str], known: list[str], depth: int) -> list[JSON]:
        if self.apart or self.finals or not self.chance(3):
            return super().catch(raised, known, depth)
        name = f"handler{self.draw(st.integers(1, 2))}"
        if name not in self.handlers:
            self.handlers[name] = [
                {"id": self.hidden_id(), "call": "third", "with": "${ $error.Error }"},
                {"id": self.hidden_id(), "return": {"handled": "${ $error.Error }"}},
            ]
        return [{"errors": ["any"], "handler": name}]


@st.composite
def nested_workflows(draw: DrawFn) -> tuple[str, list[JSON]]:
    """The text of a workflow, as JSON, and what its functions answer."""
    writer = NestingWriter(draw)
    steps, _ = writer.steps([], DEPTH, error=False)
    workflow = {"flowgen": 1, "name": "made_up", "functions": DECLARED, "steps": steps}
    if writer.handlers:
        workflow["handlers"] = writer.handlers
    return json.dumps(workflow), draw(ANSWERS)
