"""The sign of numbers, as far as it is known: whether a divisor may be 0, or an argument of `$sqrt` negative."""

from __future__ import annotations

from collections.abc import Iterator

from flowgen.jsonata.inference.conditions import narrow
from flowgen.jsonata.inference.facts import Facts, enter
from flowgen.jsonata.inference.frame import Frame
from flowgen.jsonata.inference.inferrer import Inferrer
from flowgen.jsonata.inference.same_value import NOT_NEGATIVE, NOT_ZERO
from flowgen.jsonata.inference.values import flattened
from flowgen.jsonata.tree import ArrayConstructor, Binary, Block, Call, Condition, Negation, Tree, Variable
from flowgen.types import Type, expand, present
from flowgen.types.algebra import ABSENT, ANY, NUMBER

_NEVER_NEGATIVE = frozenset({"abs", "length", "millis", "random"})


def may_be_zero(run: Inferrer, node: Tree, type_: Type, context: Type, frame: Frame) -> bool:
    """Whether the divisor `node`, whose type is `type_`, may be 0 according to what is known about it."""
    if not type_.atoms & (NUMBER | ANY) and 0 not in type_.literals:
        return False
    return not _is_nonzero(run, node, context, frame)


def may_be_negative(run: Inferrer, node: Tree, context: Type, frame: Frame) -> bool:
    """Whether a number may be negative according to what is known about it."""
    return _sign(run, node, context, frame) < 0


def signs(run: Inferrer, node: Tree, type_: Type, context: Type, frame: Frame) -> tuple[str, ...]:
    """What is known about the sign of a value bound to a variable, as suffixes of fact keys. Literals need none."""
    type_ = expand(type_)
    if not type_.atoms & NUMBER or type_.atoms & ~(NUMBER | ABSENT) or type_.parts:
        return ()
    nonzero = (NOT_ZERO,) if _is_nonzero(run, node, context, frame) else ()
    return (*nonzero, NOT_NEGATIVE) if not may_be_negative(run, node, context, frame) else nonzero


def _is_shown(run: Inferrer, node: Tree, about: str, context: Type, frame: Frame) -> bool:
    same = run.same(node) if run.facts else None
    return same is not None and (key := same.key(context) + about) in run.facts and frame.fact(key) is not None


def _is_nonzero(run: Inferrer, node: Tree, context: Type, frame: Frame) -> bool:
    if _is_shown(run, node, NOT_ZERO, context, frame):
        return True
    match node:
        case Block(expressions=(only,), predicates=()):
            return _is_nonzero(run, only, context, frame)
        case Binary(operator="*", left=left, right=right):
            return _is_nonzero(run, left, context, frame) and _is_nonzero(run, right, context, frame)
        case Negation(operand=operand):
            return _is_nonzero(run, operand, context, frame)
        case Condition(predicates=()):
            return all(_is_nonzero(run, *branch) for branch in _branches(run, node, context, frame))
        case _:
            return _sign(run, node, context, frame) > 0


def _branches(run: Inferrer, node: Condition, context: Type, frame: Frame) -> Iterator[tuple[Tree, Type, Frame]]:
    """The branches of a condition, each with what its condition implies."""
    for holds, branch in ((True, node.then), (False, node.otherwise)):
        known = narrow(run, node.condition, Facts(context, {}), frame, holds=holds)
        if known is not None and branch is not None:
            inner = Frame(frame)
            yield branch, enter(run, known, context, inner), inner


def _sign(run: Inferrer, node: Tree, context: Type, frame: Frame) -> int:
    """1 if a number is positive, 0 if it is not negative, -1 if its sign is unknown."""
    if _is_shown(run, node, NOT_NEGATIVE, context, frame):
        return 1 if _is_shown(run, node, NOT_ZERO, context, frame) else 0
    match node:
        case Block(expressions=(only,), predicates=()):
            return _sign(run, only, context, frame)
        case Binary(operator="+", left=left, right=right):
            both = _sign(run, left, context, frame), _sign(run, right, context, frame)
            return max(both) if min(both) >= 0 else -1
        case Binary(operator="*" | "/", left=left, right=right):
            return min(_sign(run, left, context, frame), _sign(run, right, context, frame))
        case Condition(predicates=()):
            return min((_sign(run, *branch) for branch in _branches(run, node, context, frame)), default=-1)
        case Call(procedure=Variable(name="max"), arguments=(ArrayConstructor(items=items),)) if (
            frame.lookup("max") is None
        ):
            return max((_sign(run, item, context, frame) for item in items), default=-1)
        case Call(procedure=Variable(name="count"), arguments=(argument,)) if frame.lookup("count") is None:
            return 1 if flattened(_type(run, argument, context, frame))[1] > 0 else 0
        case Call(procedure=Variable(name=name)) if name in _NEVER_NEGATIVE and frame.lookup(name) is None:
            return 0
    type_ = present(_type(run, node, context, frame))
    if type_.atoms or type_.parts or type_.formats or not type_.literals:
        return -1
    least = min((value for value in type_.literals if not isinstance(value, str)), default=-1)
    return 1 if least > 0 else 0 if least == 0 else -1


def _type(run: Inferrer, node: Tree, context: Type, frame: Frame) -> Type:
    with run.silently():
        return expand(run.evaluate(node, context, frame))
