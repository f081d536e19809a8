"""The structure of a control flow graph: which node decides about which others, and which nodes form loops.

In: successors of nodes, by number. Out: frozen data. Never: the meaning of a node.

Dominators are computed over the edges that go forward in reverse postorder, so each node's predecessors come before it
and one pass suffices (Cooper, Harvey, Kennedy, "A Simple, Fast Dominance Algorithm", with skew-binary jump pointers for
the nearest common ancestor). Loops follow Havlak, "Nesting of Reducible and Irreducible Loops". Both take
O(edges x log nodes).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MAX_LOOP_DEPTH = 12
"""Deeper loops have no frame; their edges back are jumps."""


@dataclass(frozen=True, slots=True)
class Graph:
    """`order` has the nodes in reverse postorder; `dominator` has each node's immediate dominator, -1 for roots.

    `loops` has the headers of the loops that contain a node, outermost first, itself included if it is a header.
    `merging` are the nodes to which several edges lead forward. `size` is the number of nodes that a node dominates.
    """

    order: tuple[int, ...]
    dominator: tuple[int, ...]
    loops: tuple[tuple[int, ...], ...]
    merging: frozenset[int]
    size: tuple[int, ...]
    parts: tuple[int, ...]
    """The root from which each node is reached."""


def analyse(successors: Sequence[Sequence[int]], start: int) -> Graph:
    """The graph of nodes `0` to `len(successors) - 1`, entered at `start`.

    Nodes that cannot be reached are reached from further roots, as if the edges from them to the others did not exist.
    A successor that is repeated counts as several edges.
    """
    order, parts = _order(successors, start)
    position = [0] * len(successors)
    for at, node in enumerate(order):
        position[node] = at
    before: list[list[int]] = [[] for _ in successors]
    back: list[list[int]] = [[] for _ in successors]
    for node in order:
        for after in successors[node]:
            if parts[node] == parts[after]:
                (before if position[node] < position[after] else back)[after].append(node)
    dominator = _dominators(order, before)
    size = [1] * len(successors)
    for node in reversed(order):
        if dominator[node] >= 0:
            size[dominator[node]] += size[node]
    first = _preorder(order, dominator, size)

    def dominates(above: int, node: int) -> bool:
        return first[above] <= first[node] < first[above] + size[above]

    around = [-1] * len(successors)
    headers = [False] * len(successors)
    merged = list(range(len(successors)))
    for header in reversed(order):
        tails = [tail for tail in back[header] if dominates(header, tail)]
        if not tails:
            continue
        headers[header] = True
        body = dict.fromkeys(_found(merged, tail) for tail in tails)
        body.pop(header, None)
        work = list(body)
        while work:
            node = work.pop()
            around[node] = header
            for source in before[node]:
                outer = _found(merged, source)
                if outer != header and outer not in body and dominates(header, outer):
                    body[outer] = None
                    work.append(outer)
        for node in body:
            merged[node] = header
    loops: list[tuple[int, ...]] = [()] * len(successors)
    for node in order:
        outside = loops[around[node]] if around[node] >= 0 else ()
        loops[node] = (*outside, node) if headers[node] and len(outside) < MAX_LOOP_DEPTH else outside
    merging = frozenset(node for node in order if len(before[node]) > 1)
    return Graph(tuple(order), tuple(dominator), tuple(loops), merging, tuple(size), tuple(parts))


def _order(successors: Sequence[Sequence[int]], start: int) -> tuple[list[int], list[int]]:
    """The nodes in reverse postorder, those reached from `start` first, and the root of each."""
    parts = [-1] * len(successors)
    order: list[int] = []
    entered = {after for node, every in enumerate(successors) for after in every if after != node}
    others = sorted(range(len(successors)), key=lambda node: (node in entered, node))
    for root in (start, *others):
        if parts[root] >= 0:
            continue
        parts[root] = root
        finished: list[int] = []
        stack = [(root, list(successors[root]))]
        while stack:
            node, left = stack[-1]
            # The last successor comes first, so that the order has the successors as given.
            while left and parts[left[-1]] >= 0:
                left.pop()
            if left:
                after = left.pop()
                parts[after] = root
                stack.append((after, list(successors[after])))
            else:
                finished.append(node)
                stack.pop()
        order += reversed(finished)
    return order, parts


def _dominators(order: Sequence[int], before: Sequence[Sequence[int]]) -> list[int]:
    dominator, depth, jump = [-1] * len(order), [0] * len(order), list(range(len(order)))

    def common(one: int, other: int) -> int:
        if depth[one] < depth[other]:
            one, other = other, one
        while depth[one] > depth[other]:
            one = jump[one] if depth[jump[one]] >= depth[other] else dominator[one]
        while one != other:
            if jump[one] != jump[other]:
                one, other = jump[one], jump[other]
            else:
                one, other = dominator[one], dominator[other]
        return one

    for node in order:
        above = -1
        for source in before[node]:
            above = source if above < 0 else common(above, source)
        dominator[node] = above
        if above >= 0:
            depth[node] = depth[above] + 1
            far = jump[above]
            jump[node] = jump[far] if depth[above] - depth[far] == depth[far] - depth[jump[far]] else above
    return dominator


def _preorder(order: Sequence[int], dominator: Sequence[int], size: Sequence[int]) -> list[int]:
    """The position of each node in a preorder of the dominator tree."""
    first, free, at = [0] * len(order), [0] * len(order), 0
    for node in order:
        above = dominator[node]
        if above < 0:
            first[node], at = at, at + size[node]
        else:
            first[node] = free[above]
            free[above] += size[node]
        free[node] = first[node] + 1
    return first


def _found(merged: list[int], node: int) -> int:
    """The header of the outermost loop so far that contains a node; shortens the path to it."""
    while merged[node] != node:
        merged[node] = merged[merged[node]]
        node = merged[node]
    return node
