"""Random workflows of the language's core, without errors: what they name is in scope, and has a value there."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.property.reference import Failure

JSON = Any
INPUT = {"n": 1, "text": "t", "object": {"deep": 2}, "refused": "Refused", "list": [1, [2]]}
FUNCTIONS = {"first": ["Refused", "Late"], "second": ["Late"], "third": [], "worker": ["Refused"], "inspector": []}
ACTIVITIES = {"worker": True, "inspector": "inspections"}
"""The functions that are activities: a new one, and one that exists."""
DECLARED = {name: {"errors": errors, "activity": ACTIVITIES.get(name, False)} for name, errors in FUNCTIONS.items()}
"""The functions as workflows declare them."""
_ROLES = ["arn:aws:iam::210987654321:role/partner-access", "arn:aws:iam::${ $input.n }:role/partner"]
DEPTH = 3
_SCALARS = st.sampled_from([0, 1, -7, 2.5, True, False, None, "", 'it\'s "x"', "${", "{% x", "é\n😀", "plain"])
_READS = ["$input", "$input.n", "$input.text", "$input.object.deep", "$input.list"]


@dataclass
class Writer:
    draw: DrawFn
    made: int = 0
    errors: set[str] = field(default_factory=set)
    visible: list[str] = field(default_factory=list)
    """The steps written so far that an expression may name."""

    def id(self) -> str:
        self.made += 1
        self.visible.append(f"s{self.made}")
        return f"s{self.made}"

    def chance(self, one_in: int) -> bool:
        return self.draw(st.integers(1, one_in)) == 1

    # values

    def read(self, known: list[str], *, error: bool) -> str:
        """An expression for something that surely has a value."""
        reads = [*_READS, *(f"${name}" for name in known[-4:]), *(["$error.Error", "$error"] if error else [])]
        return self.draw(st.sampled_from(reads))

    def value(self, known: list[str], *, error: bool, depth: int = 2) -> JSON:
        kind = self.draw(st.sampled_from(["scalar", "read", "guarded", "text", "list", "object"]))
        if kind == "scalar" or (depth == 0 and kind in ("list", "object")):
            literal = self.draw(_SCALARS)
            return literal.replace("${", "$${").replace("{% x", "a {% x") if isinstance(literal, str) else literal
        if kind == "read":
            return f"${{ {self.read(known, error=error)} }}"
        if kind == "guarded":
            name = self.draw(st.sampled_from(self.visible or ["s1"]))
            otherwise = self.draw(st.sampled_from(["null", "0", '"no"']))
            return f"${{ $exists(${name}) ? ${name} : {otherwise} }}"
        if kind == "text":
            name = self.draw(st.sampled_from(["$input.n", "$input.text"]))
            return self.draw(st.sampled_from(["a ${ X }", "${ X } $${b}", "'${ X }' \\ ${ X & 'z' }"])).replace(
                "X", name
            )
        if kind == "list":
            return [self.value(known, error=error, depth=depth - 1) for _ in range(self.draw(st.integers(0, 3)))]
        members = {}
        for name in self.draw(st.lists(st.sampled_from(["a", "b", "k y", "${x}", "it's"]), unique=True, max_size=3)):
            members[name] = self.value(known, error=error, depth=depth - 1)
        if self.chance(3):
            members["maybe?"] = self.draw(st.sampled_from(["${ $input.absent }", "${ $input.n }"]))
        return members

    def condition(self, known: list[str]) -> str:
        read = self.draw(st.sampled_from(["$input.n", *(f"${name}" for name in known[-3:])]))
        return self.draw(st.sampled_from(["true", "false", f"{read} = 1", f"{read} = 2"]))

    # steps

    def steps(self, known: list[str], depth: int, *, error: bool) -> tuple[list[JSON], bool]:
        """A list of steps, and whether its end is reached. `known` gains the steps that surely have a value."""
        steps = []
        least = 3 if depth == DEPTH else 0
        for _ in range(self.draw(st.integers(least, least + 3))):
            step, goes_on = self.step(known, depth, error=error)
            steps.append(step)
            if not goes_on:
                return steps, False
        return steps, True

    def step(self, known: list[str], depth: int, *, error: bool) -> tuple[JSON, bool]:
        kinds = ["call"] * 3 + ["set", "set", "wait"] + ["switch", "group", "group"] * (depth > 0)
        kinds += ["return", "fail", "fail"] * (depth < DEPTH) + ["again", "again"] * error
        kind = self.draw(st.sampled_from(kinds + self.blocks(depth)))
        step: dict[str, JSON] = {"id": self.id()}
        before = list(known)
        inside = list(known)
        goes_on = True
        has_value = True
        conditional = self.chance(4)
        if conditional:
            step["if"] = self.condition(known)
            if self.chance(2):
                step["skipped"] = self.value(known, error=error)
        match kind:
            case "call":
                self.call(step, inside, depth, error=error)
            case "set":
                step["set"] = self.value(known, error=error)
            case "wait":
                step["wait"] = self.draw(st.sampled_from(["1s", "2m", "0s"]))
            case "return":
                step["return"] = self.value(known, error=error)
                goes_on = has_value = False
            case "fail":
                step["fail"] = self.failure()
                goes_on = has_value = False
            case "again":
                step["fail"] = "$error"
                goes_on = has_value = False
            case "switch":
                goes_on, has_value, inside = self.switch(step, known, depth, error=error)
            case "group":
                goes_on, inside = self.group(step, known, depth, error=error)
            case _:
                goes_on, has_value, inside = self.block(kind, step, known, depth, error=error)
        if conditional:
            inside = before
            has_value = "skipped" in step and (has_value or kind not in ("switch", "repeat"))
            goes_on = True
        elif kind in ("call", "set", "wait", "return", "fail", "again"):
            inside = before
        known[:] = [*inside, *([step["id"]] if has_value else [])]
        return step, goes_on

    def blocks(self, _depth: int) -> list[str]:
        """More kinds of steps that have bodies, for `block` to write."""
        return []

    def block(
        self, kind: str, step: dict[str, JSON], known: list[str], depth: int, *, error: bool
    ) -> tuple[bool, bool, list[str]]:
        raise NotImplementedError(kind)

    def failure(self) -> JSON:
        name = self.draw(st.sampled_from(["Refused", "Late", "Made", "${ $input.refused }", "${ $input.text & 'x' }"]))
        self.errors.add(name)
        cause = self.draw(st.sampled_from([None, "why", "${ $input.text } it", "${ $input.n & 'x' }"]))
        return {"error": name, **({} if cause is None else {"cause": cause})}

    def call(self, step: dict[str, JSON], known: list[str], depth: int, *, error: bool) -> None:
        step["call"] = self.draw(st.sampled_from(sorted(FUNCTIONS)))
        if self.chance(2):
            step["with"] = self.value(known, error=error)
        if step["call"] not in ACTIVITIES and self.chance(4):
            step["credentials"] = {"role": self.draw(st.sampled_from(_ROLES))}
        raised = FUNCTIONS[step["call"]]
        self.errors.update(raised)
        if self.chance(3):
            errors = {"errors": [raised[0]]} if raised and self.chance(2) else {}
            interval = self.draw(st.sampled_from([{}, {"interval": "3s", "backoff": 3, "max_interval": "10s"}]))
            step["retry"] = self.draw(st.sampled_from([0, 2, {"attempts": 1, **errors, **interval}]))
        if depth and self.chance(2):
            step["catch"] = self.catch(raised, known, depth - 1)

    def catch(self, raised: list[str], known: list[str], depth: int) -> list[JSON]:
        names = self.draw(st.lists(st.sampled_from([*raised, "any"]), unique=True, min_size=1, max_size=3))
        if "any" in names:
            names = [*names[: names.index("any")], "any"]
        return [{"errors": [name], "steps": self.steps(list(known), depth, error=True)[0]} for name in names]

    def switch(
        self, step: dict[str, JSON], known: list[str], depth: int, *, error: bool
    ) -> tuple[bool, bool, list[str]]:
        ends: list[list[str]] = []
        goes_on = False
        step["switch"] = []
        for _ in range(self.draw(st.integers(1, 2))):
            when, inside = self.condition(known), list(known)
            steps, reached = self.steps(inside, depth - 1, error=error)
            step["switch"].append({"when": when, "steps": steps})
            goes_on |= reached
            ends += [inside] if reached else []
        if self.chance(2):
            inside = list(known)
            step["else"], reached = self.steps(inside, depth - 1, error=error)
            goes_on |= reached
            ends += [inside] if reached else []
            common = [name for name in (ends[0] if ends else known) if all(name in end for end in ends)]
            return goes_on, True, common
        return True, False, list(known)

    def group(self, step: dict[str, JSON], known: list[str], depth: int, *, error: bool) -> tuple[bool, list[str]]:
        inside, outer = list(known), self.errors
        self.errors = set()
        step["steps"], goes_on = self.steps(inside, depth - 1, error=error)
        raised = sorted(name for name in self.errors if "$" not in name)
        self.errors |= outer
        if raised and not self.chance(4):
            step["catch"] = self.catch(raised, known, depth - 1)
            return True, list(known)
        return goes_on, inside


@st.composite
def workflows(draw: DrawFn) -> str:
    """The text of a workflow, as JSON, which is YAML."""
    writer = Writer(draw)
    steps, _ = writer.steps([], DEPTH, error=False)
    return json.dumps({"flowgen": 1, "name": "made_up", "functions": DECLARED, "steps": steps})


ANSWERS = st.lists(
    st.one_of(
        st.sampled_from([1, 2, "text", None, [], [1, [2]], {"n": 1}, ""]),
        st.sampled_from([Failure("Refused"), Failure("Late"), Failure("Undeclared")]),
    ),
    min_size=1,
    max_size=6,
)
"""What functions answer, call by call; from the last one on it starts again."""
