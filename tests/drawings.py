"""What holds for the layout of every diagram."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from flowgen.diagrams.drawing import Drawing, Point, Rect

Segment = tuple[Point, Point]


def faults(drawing: Drawing) -> list[str]:
    """What is wrong with a drawing, in words: overlaps, crossings, texts that leave their box."""
    nodes = [
        ("dot" if node.box is None else " ".join((node.box.name, *node.box.details)), node.rect)
        for node in drawing.nodes
    ]
    segments = [(at, segment) for at, edge in enumerate(drawing.edges) for segment in _segments(edge.points)]
    return [
        *_outside(drawing, nodes),
        *_texts(drawing),
        *_boxes(nodes),
        *_frames(drawing, nodes),
        *_lines(segments, nodes),
    ]


def _segments(points: tuple[Point, ...]) -> Iterator[Segment]:
    for one, other in pairwise(points):
        yield min(one, other), max(one, other)


def _outside(drawing: Drawing, nodes: list[tuple[str, Rect]]) -> Iterator[str]:
    whole = Rect(0, 0, drawing.width, drawing.height)
    for name, rect in (*nodes, *((one.box.name, one.rect) for one in drawing.borders)):
        if not _contains(whole, rect):
            yield f"{name} is outside of the drawing"
    for edge in drawing.edges:
        if any(not (0 <= x <= whole.right and 0 <= y <= whole.bottom) for x, y in edge.points):
            yield f"a line is outside of the drawing: {edge.points}"


def _texts(drawing: Drawing) -> Iterator[str]:
    for node in drawing.nodes:
        before = node.rect.y
        for line in node.lines:
            top = line.y - 12
            if line.x < node.rect.x or line.x + line.width > node.rect.right or line.y + 3 > node.rect.bottom:
                yield f"the text {line.text!r} leaves its box"
            if top < before - 0.01:
                yield f"the text {line.text!r} overlaps the one above, or the top of its box"
            before = line.y + 4


def _boxes(nodes: list[tuple[str, Rect]]) -> Iterator[str]:
    ordered = sorted(nodes, key=lambda node: node[1].y)
    for at, (name, rect) in enumerate(ordered):
        for other, below in ordered[at + 1 :]:
            if below.y >= rect.bottom:
                break
            if _overlap(rect, below):
                yield f"{name} overlaps {other}"


def _frames(drawing: Drawing, nodes: list[tuple[str, Rect]]) -> Iterator[str]:
    frames = [(border.box.name, border.rect) for border in drawing.borders]
    for at, (frame, outline) in enumerate(frames):
        for name, rect in (*nodes, *frames[at + 1 :]):
            if _overlap(outline, rect) and not _contains(outline, rect) and not _contains(rect, outline):
                yield f"{name} crosses the outline of {frame}"
        for edge in drawing.edges:
            inside = {outline.x < x < outline.right and outline.y < y < outline.bottom for x, y in edge.points}
            edges = [_on(outline, point) for point in edge.points]
            if inside == {True, False} and not any(edges):
                yield f"a line crosses the outline of {frame}: {edge.points}"


def _lines(segments: list[tuple[int, Segment]], nodes: list[tuple[str, Rect]]) -> Iterator[str]:
    for edge, ((left, top), (right, bottom)) in segments:
        if left != right and top != bottom:
            yield f"a line is neither horizontal nor vertical: {(left, top), (right, bottom)}"
        for name, rect in nodes:
            if name != "dot" and left < rect.right and right > rect.x and top < rect.bottom and bottom > rect.y:
                yield f"a line crosses {name}"
        if top != bottom:
            continue
        for other, ((x, above), (end, below)) in segments:
            if other != edge and x == end and left < x < right and above < top < below:
                yield f"two lines cross at {x}, {top}"


def _overlap(one: Rect, other: Rect) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


def _contains(outer: Rect, inner: Rect) -> bool:
    return outer.x <= inner.x and inner.right <= outer.right and outer.y <= inner.y and inner.bottom <= outer.bottom


def _on(rect: Rect, point: Point) -> bool:
    x, y = point
    return (x in (rect.x, rect.right) and rect.y <= y <= rect.bottom) or (
        y in (rect.y, rect.bottom) and rect.x <= x <= rect.right
    )
