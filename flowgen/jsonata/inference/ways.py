"""Ways to a value through items of lists: `$run.Containers[0].ExitCode`.

What a condition shows of such a value is kept under the way as it is written here, beside the variables by their names;
so is that a number is not 0.
"""

from __future__ import annotations

from flowgen.jsonata.tree import Literal, Name, Path, Step, Tree, Variable


def way(node: Tree, steps: int | None = None) -> str | None:
    """The way that a node goes, or the first `steps` steps of it; None where it passes no index, or is no mere way."""
    if isinstance(node, Variable):
        text = _indexed(f"${node.name}", node.predicates) if node.name and _plain(node) else None
        return text if text is not None and "[" in text else None
    if not isinstance(node, Path) or node.predicates or not _plain(node) or node.keep_single:
        return None
    first = node.steps[0]
    if not isinstance(first.node, Variable) or not first.node.name or not _plain_step(first):
        return None
    text = _indexed(f"${first.node.name}", (*first.node.predicates, *first.stages))
    for step in node.steps[1:steps]:
        if text is None or not isinstance(step.node, Name) or not _plain_step(step):
            return None
        text = _indexed(f"{text}.{step.node.name}", (*step.node.predicates, *step.stages))
    return text if text is not None and "[" in text else None


def ways(node: Tree) -> list[str]:
    """The way of a node, and those of its first steps that pass an index, too."""
    last = way(node)
    if last is None:
        return []
    if not isinstance(node, Path):
        return [last]
    return [found for steps in range(1, len(node.steps) + 1) if (found := way(node, steps)) is not None]


def before_index(node: Tree) -> tuple[str, tuple[str, ...]]:
    """The variable that a way starts from, and the names up to its first index."""
    if isinstance(node, Variable):
        return node.name, ()
    assert isinstance(node, Path)  # noqa: S101 - what has a way
    names: list[str] = []
    first = node.steps[0].node
    assert isinstance(first, Variable)  # noqa: S101 - as above
    if not (first.predicates or node.steps[0].stages):
        for step in node.steps[1:]:
            assert isinstance(step.node, Name)  # noqa: S101 - as above
            names.append(step.node.name)
            if step.node.predicates or step.stages:
                break
    return first.name, tuple(names)


def not_zero(root: str, names: tuple[str, ...]) -> str:
    """The name under which it is kept that the value at a way is not 0: `$input.rate≠0`."""
    return f"{'.'.join((f'${root}', *names))}≠0"


def _plain(node: Tree) -> bool:
    return node.group is None and not node.keep_array


def _plain_step(step: Step) -> bool:
    return not (step.tuples or step.focus or step.index) and _plain(step.node)


def _indexed(text: str, predicates: tuple[object, ...]) -> str | None:
    for predicate in predicates:
        if not isinstance(predicate, Literal) or isinstance(predicate.value, bool):
            return None
        if not isinstance(predicate.value, int) or predicate.predicates:
            return None
        text += f"[{predicate.value}]"
    return text
