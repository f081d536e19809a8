"""The diagram of a state machine, from its definition in Amazon States Language.

States are placed along the dominator tree (Ramsey, "Beyond Relooper", ICFP 2022): a state to which one path leads
follows that path; a state to which several lead follows the state that decides between them; the states of a loop are
in a frame. Every edge that fits into none of these becomes a jump, which names its target. So any definition has a
diagram, and no line of it crosses another one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flowgen.diagrams.conditions import condition
from flowgen.diagrams.graph import Graph, analyse
from flowgen.diagrams.states import State, box_of, errors_of, kind_of
from flowgen.diagrams.structure import Box, Chain, Column, Frame, Guarded, Part, Role, Split, Structure

MAX_NESTING = 16
"""Branches that are nested more deeply are drawn as separate columns, reached by a jump."""

_END = -1
_SHORT = 2
"""States that leave a loop in at most so many steps, to end, stay where they are."""

Branch = tuple[Box, str]
"""A label and the name of the state that it leads to."""


def structure_of_machine(definition: Mapping[str, Any], name: str = "state machine") -> Structure:
    """The diagram of a definition, valid or not; parts that are not states are left out."""
    comment = definition.get("Comment")
    main, *others = columns_of(definition)
    start = Box(name, Role.START, tooltip=comment if isinstance(comment, str) else "")
    end = (Box("end", Role.END, ends=True),) if main.falls else ()
    title = f"{name}: {comment}" if isinstance(comment, str) and comment else name
    return Structure(
        name, title, (Column((start, *main.chain, *end)), *(Column(one.chain, None, entered=False) for one in others))
    )


@dataclass(frozen=True, slots=True)
class Built:
    """A chain, and whether control leaves it at its bottom."""

    chain: Chain
    falls: bool


def columns_of(machine: Mapping[str, Any]) -> list[Built]:
    """The chain from `StartAt`, and the chains that only jumps lead to."""
    states = machine.get("States")
    named = (
        {name: state for name, state in states.items() if isinstance(state, Mapping)}
        if isinstance(states, Mapping)
        else {}
    )
    if not named:
        return [Built((), falls=True)]
    start = machine.get("StartAt")
    return _Scope(named, start if isinstance(start, str) and start in named else next(iter(named))).columns()


@dataclass(slots=True)
class _Container:
    """The frame, or the whole diagram, that has the columns which only jumps lead to.

    The first of the states that wait for a column starts it, and it may continue with the next ones.
    """

    depth: int
    header: int | None = None
    waiting: deque[tuple[int, ...]] = field(default_factory=deque)


class _Scope:
    """The states of one `States` object. States are numbers; `_END` is the end of the scope."""

    def __init__(self, states: Mapping[str, State], start: str) -> None:
        self.states = list(states.items())
        self.number = {name: at for at, name in enumerate(states)}
        self.branches = [_branches(state) for _, state in self.states]
        self.catches = [_catches(state) for _, state in self.states]
        successors = [
            [*self._numbers(branches), *self._numbers(catches)]
            for branches, catches in zip(self.branches, self.catches, strict=True)
        ]
        self.start = self.number[start]
        self.graph: Graph = analyse(successors, self.start)
        self.jumps: dict[int, int] = {}
        self.count = 0
        self.after: dict[int, list[int]] = {}
        self.inline: dict[int, None] = {}
        self._place(successors)

    def _numbers(self, branches: Iterable[Branch]) -> list[int]:
        found = dict.fromkeys(self.number.get(target, _END) for _, target in branches)
        found.pop(_END, None)
        return list(found)

    def _place(self, successors: list[list[int]]) -> None:
        """Decides which states follow which state or loop, and which continue a branch."""
        graph = self.graph
        single: dict[int, list[int]] = {}
        for node in graph.order:
            above = graph.dominator[node]
            if above < 0:
                continue
            outer, own = graph.loops[above], graph.loops[node]
            left = next((header for at, header in enumerate(outer) if own[at : at + 1] != (header,)), None)
            if node in graph.merging:
                self.after.setdefault(above if left is None else left, []).append(node)
            elif left is None:
                self.inline[node] = None
            else:
                single.setdefault(left, []).append(node)
        position = {node: at for at, node in enumerate(graph.order)}
        for header, exits in single.items():
            moved = {node for node in exits if not self._is_short(node, successors)}
            if not moved:
                moved = set([node for node in exits if kind_of(self.states[node][1]) != "Fail"][:1])
            self.inline |= dict.fromkeys(node for node in exits if node not in moved)
            if moved:
                self.after[header] = sorted((*self.after.get(header, ()), *moved), key=position.__getitem__)

    def _is_short(self, node: int, successors: list[list[int]]) -> bool:
        """Whether the states from here on only end the scope, in a few steps."""
        if self.graph.size[node] > _SHORT:
            return False
        following = successors[node]
        return not following or (len(following) == 1 == self.graph.size[following[0]] and not successors[following[0]])

    def columns(self) -> list[Built]:
        container = _Container(0)
        roots = dict.fromkeys(self.graph.parts[node] for node in self.graph.order)
        roots.pop(self.start, None)
        built = [self._chain([self.start], _END, 0, container)]
        built += self._jumped(container)
        for root in roots:
            container = _Container(0)
            built += [self._chain([root], None, 0, container), *self._jumped(container)]
        return built

    def _jumped(self, container: _Container) -> list[Built]:
        built = []
        while container.waiting:
            built.append(self._chain(list(container.waiting.popleft()), None, container.depth + 1, container))
        return built

    def _chain(self, waiting: list[int], follows: int | None, depth: int, container: _Container) -> Built:
        """The first of the waiting states and what comes after it, then the next ones.

        Control that leaves the chain at its bottom continues at `follows`.
        """
        parts: list[Part] = []
        waiting.reverse()
        current: int | None = waiting.pop()
        falls = False
        while current is not None:
            node = current
            if node in self.graph.loops[node] and container.header != node:
                waiting += reversed(self._outside(node))
                frame, falls = self._loop(node, waiting[-1] if waiting else follows, depth)
                parts.append(frame)
                current = None
            else:
                waiting += reversed(self._inside(node))
                made, current, falls = self._state(node, waiting[-1] if waiting else follows, depth, container)
                parts += made
            if current is None and falls and waiting:
                current = waiting.pop()
        if waiting:
            container.waiting.append(tuple(reversed(waiting)))
        return Built(tuple(parts), falls)

    def _outside(self, header: int) -> list[int]:
        return [node for node in self.after.get(header, ()) if header not in self.graph.loops[node]]

    def _inside(self, node: int) -> list[int]:
        if node not in self.graph.loops[node]:
            return self.after.get(node, [])
        return [after for after in self.after.get(node, ()) if node in self.graph.loops[after]]

    def _loop(self, header: int, follows: int | None, depth: int) -> tuple[Frame, bool]:
        """The frame of a loop, and whether control continues after it."""
        before = self.count
        container = _Container(depth + 1, header)
        body = self._chain([header], header, depth + 1, container)
        columns = (Column(body.chain), *(Column(one.chain, None, entered=False) for one in self._jumped(container)))
        falls = follows is not None and self.jumps.get(follows, 0) > before
        name = self.states[header][0]
        head = Box("", Role.LOOP, ("loop",), f"repeats from `{name}`", ends=not falls)
        return Frame(head, columns, again=body.falls), falls

    def _state(
        self, node: int, follows: int | None, depth: int, container: _Container
    ) -> tuple[list[Part], int | None, bool]:
        """The parts of a state; the state that continues the chain, if it is not the next one that waits."""
        name, state = self.states[node]
        if kind_of(state) == "Choice":
            return self._choice(node, follows, depth, container)
        main = self._main(name, state)
        if isinstance(main, Box) and main.ends:
            return [main], None, False
        branches = self.branches[node]
        to = branches[0][1] if branches else "end"
        target = self.number.get(to) if branches else _END
        passes = target is not None and target == follows
        inline = self._continuing(node, to) if branches else None
        tag = () if passes or inline is not None else (self._jump(to, target),)
        # Where control continues with another state, a catcher cannot join it.
        caught = follows if passes else None
        catches = [self._column(node, label, to, caught, depth, container) for label, to in self.catches[node]]
        part = Guarded(main, None, tuple(column for column, _ in catches)) if catches else main
        return [part, *tag], inline, passes or inline is not None

    def _choice(
        self, node: int, follows: int | None, depth: int, container: _Container
    ) -> tuple[list[Part], int | None, bool]:
        head = box_of(*self.states[node])
        if not self.branches[node]:
            return [replace(head, ends=True)], None, False
        targets = [self._continuing(node, to) for _, to in self.branches[node]]
        largest = max(
            (target for target in targets if target is not None), key=self.graph.size.__getitem__, default=None
        )
        columns: list[tuple[Column, bool] | None] = [
            None
            if target is not None and target == largest
            else self._column(node, label, to, follows, depth, container)
            for target, (label, to) in zip(targets, self.branches[node], strict=True)
        ]
        others = any(made is not None and made[1] for made in columns)
        continues: int | None = None
        made: list[tuple[Column, bool]] = []
        for column, (label, to) in zip(columns, self.branches[node], strict=True):
            if column is not None:
                made.append(column)
            elif others:
                made.append(self._column(node, label, to, follows, depth, container))
            else:
                # The other branches end: this one continues below, so a list of checks does not become a staircase.
                continues = largest
                made.append((Column((), label), True))
        split = Split(head, tuple(column for column, _ in made))
        return [split], continues, any(fell for _, fell in made)

    def _column(
        self, node: int, label: Box, to: str, follows: int | None, depth: int, container: _Container
    ) -> tuple[Column, bool]:
        """The column of a branch or catcher, and whether control leaves it at its bottom."""
        target = self.number.get(to)
        if target is not None and target == follows:
            return Column((), label), True
        inline = self._continuing(node, to)
        if inline is not None and depth < MAX_NESTING:
            built = self._chain([inline], follows, depth + 1, container)
            return Column(built.chain, label), built.falls
        if inline is not None:
            container.waiting.append((inline,))
        jump = self._jump(to, target)
        if label.role is Role.CATCH:
            return Column((), replace(label, details=(*label.details, jump.name), ends=True, target=to)), False
        return Column((jump,), label), False

    def _continuing(self, node: int, to: str) -> int | None:
        """The state called `to`, if only this path leads to it, so that it continues the chain or column."""
        target = self.number.get(to)
        return target if target in self.inline and self.graph.dominator[target] == node else None

    def _jump(self, name: str, target: int | None) -> Box:
        self.count += 1
        if target is not None:
            self.jumps[target] = self.count
        if target == _END:
            return Box("end", Role.END, ends=True)
        tooltip = f"continues at `{name}`" if target is not None else f"the state `{name}` does not exist"
        return Box(f"→ {name}", Role.JUMP, (), tooltip, ends=True, target=name)

    def _main(self, name: str, state: State) -> Box | Frame:
        box = box_of(name, state)
        bodies = [body for body in _bodies(state) if isinstance(body, Mapping)]
        if box.role not in (Role.PARALLEL, Role.MAP) or not bodies:
            return box
        columns: list[Column] = []
        for body in bodies:
            main, *others = columns_of(body)
            columns.append(Column(main.chain))
            columns += (Column(one.chain, None, entered=False) for one in others)
        return Frame(box, tuple(columns))


def _bodies(state: State) -> list[Any]:
    branches = state.get("Branches")
    inner = (state.get("ItemProcessor"), state.get("Iterator"))
    return [*(branches if isinstance(branches, list) else ()), *(one for one in inner if one is not None)]


def _branches(state: State) -> tuple[Branch, ...]:
    """The transitions of a state without those of its catchers; one for each target."""
    rules = state.get("Choices")
    found: dict[str, list[str]] = {}
    for rule in rules if isinstance(rules, list) and kind_of(state) == "Choice" else ():
        if isinstance(rule, Mapping) and isinstance(rule.get("Next"), str):
            found.setdefault(rule["Next"], []).append(condition(rule))
    last = state.get("Default" if kind_of(state) == "Choice" else "Next")
    if isinstance(last, str) and kind_of(state) not in ("Succeed", "Fail"):
        found.setdefault(last, []).append("else")
    return tuple((_label(" or ".join(texts)), target) for target, texts in found.items())


def _label(text: str) -> Box:
    return Box("", Role.LABEL, (text,), text)


def _catches(state: State) -> tuple[Branch, ...]:
    """The transitions of a state's catchers; one for each target."""
    catchers = state.get("Catch")
    found: dict[str, list[str]] = {}
    for catcher in catchers if isinstance(catchers, list) and kind_of(state) in ("Task", "Parallel", "Map") else ():
        if isinstance(catcher, Mapping) and isinstance(catcher.get("Next"), str):
            found.setdefault(catcher["Next"], []).append(errors_of(catcher))
    return tuple(
        (Box("", Role.CATCH, (", ".join(errors),), f"these errors lead to `{target}`"), target)
        for target, errors in found.items()
    )
