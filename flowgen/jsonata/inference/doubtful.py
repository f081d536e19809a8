"""Valid expressions that do not do what they appear to do: each gets a warning.

In: operands with their types. Out: problems reported to the run. Never: a type.
"""

from __future__ import annotations

import operator
import re

from flowgen.jsonata.inference.inferrer import Inferrer
from flowgen.jsonata.inference.problems import Kind, Severity
from flowgen.jsonata.inference.values import may_be_equal
from flowgen.jsonata.tree import ArrayConstructor, Binary, Call, Literal, Tree, Variable
from flowgen.types import Type, expand, literal, present
from flowgen.types.algebra import ANY, BOOLEAN, NOTHING, NULL, NUMBER, TEXT

_NEVER_NEGATIVE = frozenset({"count", "length"})
_COMPARISONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def check_against_zero(run: Inferrer, node: Binary) -> None:
    """A count compared with a bound that it cannot reach: `$count(x) >= 0`, `$length(x) < 0`."""
    for counted, bound, sign in (
        (node.left, node.right, node.operator),
        (node.right, node.left, _MIRRORED[node.operator]),
    ):
        if not _is_count(counted) or not isinstance(bound, Literal) or isinstance(bound.value, bool | str | None):
            continue
        holds = _COMPARISONS[sign](0, bound.value)
        grows = sign in (">", ">=")
        if holds is grows:
            run.tell(
                Kind.NEVER_EQUAL,
                Severity.WARNING,
                node,
                f"this is always {'true' if holds else 'false'}: `{run.source(counted)}` is never below 0",
                f"to ask whether there are any, write `{run.source(counted)} > 0`",
                certain=True,
            )


def _is_count(node: Tree) -> bool:
    return isinstance(node, Call) and isinstance(node.procedure, Variable) and node.procedure.name in _NEVER_NEGATIVE


def check_members(run: Inferrer, node: Binary, left: Type) -> None:
    """`x in ["a", "b"]` where `x` can never be one of the literals."""
    from flowgen.diagnostics import did_you_mean

    one = expand(present(left))
    if not isinstance(node.right, ArrayConstructor) or one.atoms & ANY or one.is_never:
        return
    for item in node.right.items:
        if not isinstance(item, Literal) or may_be_equal(one, literal(item.value)):
            continue
        guess = did_you_mean(str(item.value), sorted(value for value in one.literals if isinstance(value, str)))
        run.tell(
            Kind.NEVER_EQUAL,
            Severity.WARNING,
            item,
            f"`{run.source(node.left)}` is never `{run.source(item)}`",
            f'did you mean "{guess}"?' if guess else f"its type is `{one}`",
            certain=True,
        )


def check_key(run: Inferrer, predicate: Tree) -> None:
    """`x["field"]`: a string in brackets is a condition, which is true unless it is empty."""
    if isinstance(predicate, Literal) and isinstance(predicate.value, str):
        name = predicate.value
        field = name if re.fullmatch(r"[A-Za-z_]\w*", name) else f"`{name}`"
        run.tell(
            Kind.TRUTH,
            Severity.WARNING,
            predicate,
            "a string in brackets does not read a field: it is a condition that is always true",
            f"write `.{field}`" if "`" not in field else f"write .{field}",
        )


def check_default(run: Inferrer, node: Binary, operand: Tree) -> bool:
    """`x or "default"`, which is true or false; returns whether it was reported."""
    if node.operator != "or" or operand is not node.right or not isinstance(operand, Literal):
        return False
    if isinstance(operand.value, bool | None):
        return False
    left, default = run.source(node.left), run.source(operand)
    run.tell(
        Kind.TRUTH,
        Severity.WARNING,
        node,
        "`or` returns true or false, never one of its operands",
        f"write `$exists({left}) ? {left} : {default}`",
    )
    return True


def check_truth(run: Inferrer, node: Tree, type_: Type, taker: str) -> None:
    """A string or number used as a boolean: it is false only if it is empty or 0."""
    found = expand(type_)
    if found.atoms & (ANY | NULL | NOTHING) or found.parts or found.is_never:
        return
    texts = bool(found.atoms & TEXT or found.formats or any(isinstance(value, str) for value in found.literals))
    numbers = bool(found.atoms & NUMBER or any(not isinstance(value, str) for value in found.literals))
    if texts == numbers:
        return
    empty, what = ('""', "string") if texts else ("0", "number")
    verb = "may be" if found.atoms & BOOLEAN else "is"
    run.tell(
        Kind.TRUTH,
        Severity.WARNING,
        node,
        f"{taker} expects a boolean, but this {verb} a {what} (`{found}`), where only `{empty}` counts as false",
        f"compare it: `{run.source(node)} = …`",
        type=found,
    )


def check_sort(run: Inferrer, node: Tree, verdict: Type) -> None:
    """A `$sort` function that is undefined for some items, which leaves them unsorted."""
    found = expand(verdict)
    if not found.atoms & NOTHING or found.atoms & ANY or present(found).is_never:
        return
    why = f" ({found.absent.text})" if found.absent is not None else ""
    run.tell(
        Kind.COMPARES_NOTHING,
        Severity.WARNING,
        node,
        f"the comparison may be undefined for some items{why}, and these are left unsorted",
        "filter the items first: `$sort(x[$exists(field)], …)`",
        type=found,
    )
