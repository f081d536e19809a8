"""Sort keys: all numbers or all strings."""

from __future__ import annotations

from flowgen.jsonata.inference.frame import Frame
from flowgen.jsonata.inference.inferrer import Inferrer, collapse
from flowgen.jsonata.inference.problems import Kind, Severity
from flowgen.jsonata.inference.values import is_number
from flowgen.jsonata.tree import Sort, Tree
from flowgen.types import Type, expand, present
from flowgen.types.algebra import ANY, NUMBER, TEXT


def check_sort(run: Inferrer, node: Tree, item: Type, frame: Frame) -> None:
    """Checks that the sort keys are all numbers or all strings."""
    assert isinstance(node, Sort)  # noqa: S101 - the caller checked it
    for term in node.terms:
        key = expand(present(collapse(run.evaluate(term.expression, item, frame))))
        if key.is_never:
            continue
        check_order(run, term.expression, key)


def check_order(run: Inferrer, node: Tree, key: Type) -> None:
    if key.atoms & ANY:
        run.tell(
            Kind.UNCHECKED, Severity.NOTE, node, "expected a number or a string as the sort key, found `any`",
            may_fail=True, type=key,
        )  # fmt: skip
        return
    numbers = bool(key.atoms & NUMBER) or any(is_number(value) for value in key.literals)
    texts = bool(key.atoms & TEXT or key.formats) or any(isinstance(value, str) for value in key.literals)
    others = key.atoms & ~(NUMBER | TEXT) or key.parts
    if others or (numbers and texts):
        run.tell(
            Kind.WRONG_OPERAND,
            Severity.ERROR,
            node,
            f"sort keys must be all numbers or all strings, but this is `{key}`: sorting two items fails",
            may_fail=True,
            certain=not numbers and not texts,
            type=key,
        )
