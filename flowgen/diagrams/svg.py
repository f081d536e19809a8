"""Diagrams as SVG: one file without references to others, for light and dark backgrounds.

In: a structure. Out: text in SVG 1.1 (https://www.w3.org/TR/SVG11/). Never: scripts, links, unescaped text.

A page that contains the SVG can show the status of states: each box has `data-state`, the name of its state, or
`data-step`, the id of its step, and the classes `status-succeeded`, `status-failed`, `status-running`,
`status-caught`, `status-aborted` and `status-not-entered` color it. So do `status-added`, `status-removed` and
`status-changed`, in the diagram of a change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from xml.sax.saxutils import escape

from flowgen.diagrams.drawing import Border, Edge, Line, Node
from flowgen.diagrams.layout import layout
from flowgen.diagrams.structure import Box, Role, Structure
from flowgen.diagrams.text_widths import plain

_LIGHT = (
    "--page:#fff;--ink:#1f2328;--soft:#57606a;--line:#6e7781;--box:#f6f8fa;--edge:#8c959f;--task:#ddf4ff;"
    "--task-edge:#218bff;--decision:#fff8c5;--decision-edge:#9a6700;--good:#dafbe1;--good-edge:#1a7f37;--bad:#ffebe9;"
    "--bad-edge:#cf222e;--undo:#fbefff;--undo-edge:#8250df;--frame:#818b9814"
)
_DARK = (
    "--page:#0d1117;--ink:#f0f6fc;--soft:#a9b3be;--line:#9198a1;--box:#21262d;--edge:#6e7681;--task:#0c2d6b;"
    "--task-edge:#388bfd;--decision:#3b2e00;--decision-edge:#bb8009;--good:#04260f;--good-edge:#2ea043;--bad:#490202;"
    "--bad-edge:#f85149;--undo:#271052;--undo-edge:#a371f7;--frame:#818b981f"
)
STYLE = f"""\
.flowgen{{{_LIGHT}}}
@media (prefers-color-scheme:dark){{.flowgen{{{_DARK}}}}}
.flowgen .page{{fill:var(--page)}}
.flowgen text{{font:11px Arial,"Liberation Sans",Helvetica,sans-serif;fill:var(--soft);white-space:pre}}
.flowgen .name{{font-size:13px;font-weight:bold;fill:var(--ink)}}
.flowgen .node rect{{fill:var(--box);stroke:var(--edge)}}
.flowgen .task rect,.flowgen .map rect,.flowgen .parallel rect{{fill:var(--task);stroke:var(--task-edge)}}
.flowgen .decision rect{{fill:var(--decision);stroke:var(--decision-edge)}}
.flowgen .return rect,.flowgen .end rect,.flowgen .start rect{{fill:var(--good);stroke:var(--good-edge)}}
.flowgen .fail rect{{fill:var(--bad);stroke:var(--bad-edge)}}
.flowgen .jump rect{{stroke-dasharray:3 2}}
.flowgen .label rect{{fill:none;stroke:none}}
.flowgen .label text{{font-style:italic}}
.flowgen .catch rect{{fill:var(--bad);stroke:var(--bad-edge);stroke-dasharray:4 3}}
.flowgen .undo rect{{fill:var(--undo);stroke:var(--undo-edge);stroke-dasharray:2 3}}
.flowgen .dot{{fill:var(--line)}}
.flowgen .border{{fill:var(--frame);stroke:var(--edge)}}
.flowgen .border.map,.flowgen .border.parallel{{stroke:var(--task-edge)}}
.flowgen .edge{{fill:none;stroke:var(--line);stroke-width:1.5}}
.flowgen .edge.catch{{stroke:var(--bad-edge);stroke-dasharray:5 3}}
.flowgen .edge.undo{{stroke:var(--undo-edge);stroke-dasharray:2 4}}
.flowgen .tip{{fill:var(--line)}}
.flowgen .tip.catch{{fill:var(--bad-edge)}}
.flowgen .tip.undo{{fill:var(--undo-edge)}}
.flowgen .status-succeeded rect{{fill:var(--good);stroke:var(--good-edge);stroke-width:2.5}}
.flowgen .status-failed rect{{fill:var(--bad);stroke:var(--bad-edge);stroke-width:2.5}}
.flowgen .status-caught rect{{fill:var(--decision);stroke:var(--decision-edge);stroke-width:2.5}}
.flowgen .status-running rect{{fill:var(--task);stroke:var(--task-edge);stroke-width:2.5;stroke-dasharray:6 3}}
.flowgen .status-added rect{{fill:var(--good);stroke:var(--good-edge);stroke-width:2.5}}
.flowgen .status-removed rect{{fill:var(--bad);stroke:var(--bad-edge);stroke-width:2.5;stroke-dasharray:6 3}}
.flowgen .status-removed .name{{text-decoration:line-through}}
.flowgen .status-changed rect{{fill:var(--decision);stroke:var(--decision-edge);stroke-width:2.5}}
.flowgen .status-aborted rect{{stroke-width:2.5;stroke-dasharray:6 3}}
.flowgen .status-not-entered{{opacity:.5}}"""
"""The style of every diagram. A page that contains several can have it once."""

_ROUND = {Role.START: 14, Role.END: 14, Role.RETURN: 14, Role.FAIL: 14, Role.LABEL: 8, Role.JUMP: 12, Role.CATCH: 8}


def svg(structure: Structure) -> str:
    """A diagram as a complete SVG file."""
    drawing = layout(structure)
    wide, high = _number(drawing.width), _number(drawing.height)
    identity = f"flowgen-{sha256(structure.title.encode('utf-8', 'replace')).hexdigest()[:8]}"
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="flowgen" width="{wide}" height="{high}"'
            f' viewBox="0 0 {wide} {high}" role="img" aria-labelledby="{identity} {identity}-steps">'
        ),
        f'<title id="{identity}">{_escaped(structure.title)}</title>',
        f'<desc id="{identity}-steps">{_escaped(_description(drawing.nodes))}</desc>',
        f"<style>\n{STYLE}\n</style>",
        f'<rect class="page" width="{wide}" height="{high}" rx="6"/>',
        *map(_border, drawing.borders),
        *(line for edge in drawing.edges for line in _edge(edge)),
        *(line for node in drawing.nodes for line in _node(node)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _description(nodes: Iterable[Node]) -> str:
    """The boxes in the order in which they are drawn, for screen readers."""
    shown = (": ".join(filter(None, (node.box.name, ", ".join(node.box.details)))) for node in nodes if node.box)
    return "; ".join(shown) or "empty"


def _border(border: Border) -> str:
    return f'<rect class="border {border.box.role.value}"{_place(border)} rx="8"/>'


def _place(drawn: Border | Node) -> str:
    rect = drawn.rect
    return f' x="{_number(rect.x)}" y="{_number(rect.y)}" width="{_number(rect.width)}" height="{_number(rect.height)}"'


def _edge(edge: Edge) -> Iterator[str]:
    kind = f" {edge.role.value}" if edge.role is not Role.TASK else ""
    path = "".join(f"{'L' if index else 'M'}{_number(x)} {_number(y)}" for index, (x, y) in enumerate(edge.points))
    yield f'<path class="edge{kind}" d="{path}"/>'
    if edge.arrow:
        (before, _), (x, y) = edge.points[-2:]
        tip = "l-4 -7h8z" if before == x else "l-7 -4v8z" if before < x else "l7 -4v8z"
        yield f'<path class="tip{kind}" d="M{_number(x)} {_number(y)}{tip}"/>'


def _node(node: Node) -> Iterator[str]:
    box, rect = node.box, node.rect
    if box is None:
        radius = rect.width / 2
        center = f'cx="{_number(rect.x + radius)}" cy="{_number(rect.y + radius)}"'
        yield f'<circle class="dot" {center} r="{_number(radius)}"/>'
        return
    status = "" if box.status is None else f" status-{box.status}"
    yield f'<g class="node {box.role.value}{status}"{_data(box)}>'
    if box.tooltip:
        yield f"<title>{_escaped(box.tooltip)}</title>"
    yield f'<rect{_place(node)} rx="{_ROUND.get(box.role, 5)}"/>'
    yield from map(_text, node.lines)
    yield "</g>"


def _data(box: Box) -> str:
    names = (("state", box.state), ("step", box.step), ("target", box.target))
    return "".join(f' data-{key}="{_escaped(name)}"' for key, name in names if name is not None)


def _text(line: Line) -> str:
    kind = ' class="name"' if line.is_name else ""
    # `textLength` fits the text to its box if the font has other widths.
    return (
        f'<text{kind} x="{_number(line.x)}" y="{_number(line.y)}" textLength="{_number(line.width)}"'
        f' lengthAdjust="spacingAndGlyphs">{_escaped(line.text)}</text>'
    )


def _escaped(text: str) -> str:
    return escape(plain(text), {'"': "&quot;", "\n": "&#10;"})


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
