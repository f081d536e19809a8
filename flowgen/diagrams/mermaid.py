"""Diagrams in Mermaid, which GitHub draws in Markdown: a block ```` ```mermaid ````.

In: a structure. Out: a flowchart (https://mermaid.js.org/syntax/flowchart.html). Never: coordinates, unescaped text.

Mermaid draws lines between any two boxes, so a jump is a line to its target. Frames are subgraphs. Nodes are declared
first and lines last, because a line declares its nodes in the subgraph that contains it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flowgen.diagrams.structure import Box, Chain, Column, Frame, Guarded, Part, Role, Split, Structure
from flowgen.diagrams.text_widths import plain

_LONGEST = 80
_LONGEST_TITLE = 28
_ESCAPES = {'"': "&quot;", "&": "&amp;", "<": "&lt;", ">": "&gt;", "`": "'"}
"""A label that starts with a backtick would be Markdown."""
_MERMAID_ENTITY = re.compile(r"#(?=\w+;)")
_SHAPES = {
    Role.START: ("([", "])"),
    Role.END: ("([", "])"),
    Role.RETURN: ("([", "])"),
    Role.FAIL: ("([", "])"),
    Role.DECISION: ("{", "}"),
    Role.WAIT: ("(", ")"),
    Role.JUMP: ("(", ")"),
    Role.CATCH: ("(", ")"),
}
_CLASSES = (
    "classDef bad stroke:#cf222e,stroke-width:2px",
    "classDef good stroke:#1a7f37,stroke-width:2px",
    "classDef undo stroke:#8250df,stroke-dasharray:3 3",
)
_STATUS_CLASSES = {
    "succeeded": "stroke:#1a7f37,stroke-width:4px",
    "added": "stroke:#1a7f37,stroke-width:4px",
    "failed": "stroke:#cf222e,stroke-width:4px",
    "removed": "stroke:#cf222e,stroke-width:4px,stroke-dasharray:6 3",
    "caught": "stroke:#9a6700,stroke-width:4px",
    "changed": "stroke:#9a6700,stroke-width:4px",
    "running": "stroke:#218bff,stroke-width:4px,stroke-dasharray:6 3",
    "aborted": "stroke-width:4px,stroke-dasharray:6 3",
    "not-entered": "opacity:0.5",
}
_CLASS = {Role.FAIL: "bad", Role.CATCH: "bad", Role.RETURN: "good", Role.END: "good", Role.UNDO: "undo"}


@dataclass(frozen=True, slots=True)
class _Exit:
    """Where control leaves a part: a node, and the label of the line from there."""

    node: str
    label: str = ""
    dotted: bool = False


def mermaid(structure: Structure) -> str:
    """A diagram as a flowchart in Mermaid, without the Markdown around it."""
    chart = _Chart()
    for column in structure.columns:
        chart.column(column, [])
    classes = (
        *_CLASSES,
        *(f"classDef {name} {style}" for name, style in _STATUS_CLASSES.items() if name in chart.statuses),
    )
    return "\n".join(("flowchart TD", *chart.lines, *chart.drawn_edges(), *(f"  {line}" for line in classes))) + "\n"


class _Chart:
    """The lines of a flowchart so far, and its edges."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.edges: list[tuple[_Exit, str]] = []
        self.jumps: list[tuple[_Exit, str, str]] = []
        """Edges to boxes by name, and the label of the box that replaces a missing target."""
        self.names: dict[str, str] = {}
        self.statuses: set[str] = set()
        self.count = 0
        self.depth = 1

    def drawn_edges(self) -> Iterator[str]:
        known = [(leave, self.names[target]) for leave, target, _ in self.jumps if target in self.names]
        for leave, target in (*self.edges, *known):
            line = "-.->" if leave.dotted else "-->"
            label = f'|"{_escaped(leave.label)}"|' if leave.label else ""
            yield f"  {leave.node} {line}{label} {target}"

    def column(self, column: Column, before: list[_Exit]) -> list[_Exit]:
        """Adds a branch, entered from `before`; returns where control leaves it."""
        label = column.label
        if label is None:
            return self.chain(column.chain, before)
        if not column.entered:
            return self.chain(column.chain, [_Exit(self.node(label))])
        text, dotted = " ".join(label.details), label.role is Role.CATCH
        if label.target is not None:
            self.jumps += ((_Exit(one.node, label.details[0], dotted=True), label.target, text) for one in before)
            return []
        return self.chain(column.chain, [_Exit(one.node, text, dotted) for one in before])

    def chain(self, chain: Chain, before: list[_Exit]) -> list[_Exit]:
        for part in chain:
            before = self.part(part, before)
        return before

    def part(self, part: Part, before: list[_Exit]) -> list[_Exit]:
        match part:
            case Box(role=Role.JUMP, target=str(target)):
                self.jumps += ((leave, target, part.name) for leave in before)
                return []
            case Box():
                node = self.entered(part, before)
                return [] if part.ends else [_Exit(node)]
            case Split():
                head = self.entered(part.head, before)
                return [leave for column in part.columns for leave in self.column(column, [_Exit(head)])]
            case Frame():
                return self.frame(part, before)[1]
            case Guarded():
                return self.guarded(part, before)

    def guarded(self, guarded: Guarded, before: list[_Exit]) -> list[_Exit]:
        main = guarded.main
        leaves: list[_Exit]
        if isinstance(main, Frame):
            node, leaves = self.frame(main, before)
        else:
            node = self.entered(main, before)
            leaves = [] if main.ends else [_Exit(node)]
        if guarded.undo is not None:
            self.column(guarded.undo, [_Exit(node, "undo", dotted=True)])
        return [*leaves, *(leave for column in guarded.catches for leave in self.column(column, [_Exit(node)]))]

    def frame(self, frame: Frame, before: list[_Exit]) -> tuple[str, list[_Exit]]:
        """Adds a subgraph; returns its node and where control leaves it.

        Lines lead to and from the subgraph. In the loop of a state machine, they lead to and from its states.
        """
        node = self.new(frame.head)
        is_loop = frame.head.role is Role.LOOP
        direct = is_loop and frame.head.step is None
        self.enter(node, [] if direct else before)
        self.line(f'subgraph {node}["{_title(frame.head)}"]')
        self.depth += 1
        self.line("direction TB")
        first = f"n{self.count}"
        leaves = [
            leave
            for column in frame.columns
            for leave in self.column(column, before if direct and column.entered else [])
        ]
        if frame.last is not None:
            labelled = [_Exit(leave.node, "finally") for leave in leaves]
            self.chain(frame.last.chain, labelled)
        elif frame.again:
            self.enter(first, leaves)
        if first == f"n{self.count}":
            self.line(f'{self.new(None)}[" "]')
        self.depth -= 1
        self.line("end")
        return node, [] if direct or frame.head.ends else [_Exit(node)]

    def entered(self, box: Box, before: list[_Exit]) -> str:
        node = self.node(box)
        self.enter(node, before)
        return node

    def enter(self, node: str, before: list[_Exit]) -> None:
        self.edges += ((leave, node) for leave in before)

    def node(self, box: Box) -> str:
        node = self.new(box)
        opening, closing = _SHAPES.get(box.role, ("[", "]"))
        self.line(f'{node}{opening}"{_text(box)}"{closing}{self.style(box)}')
        return node

    def style(self, box: Box) -> str:
        """The class of a node: the status that a run or a change gave it, else that of its role."""
        if box.status is not None:
            self.statuses.add(box.status)
        name = box.status or _CLASS.get(box.role)
        return "" if name is None else f":::{name}"

    def new(self, box: Box | None) -> str:
        node = f"n{self.count}"
        self.count += 1
        if box is not None and (box.role is Role.CATCH or (box.state is not None and box.step is None)):
            self.names.setdefault(box.name, node)
        return node

    def line(self, text: str) -> None:
        self.lines.append("  " * self.depth + text)


def _text(box: Box) -> str:
    return "<br/>".join(_escaped(line) for line in (box.name, *box.details) if line) or " "


def _title(box: Box) -> str:
    """The title of a subgraph. Mermaid has room for one line."""
    return _escaped(box.name or box.details[0], _LONGEST_TITLE)


def _escaped(text: str, longest: int = _LONGEST) -> str:
    line = " ".join(plain(text).split())
    if len(line) > longest:
        line = f"{line[: longest - 1]}…"
    whole = _MERMAID_ENTITY.sub("#\u200b", line)
    return "".join(_ESCAPES.get(character, character) for character in whole)
