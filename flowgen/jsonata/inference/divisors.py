"""Whether a divisor may be 0."""

from __future__ import annotations

from flowgen.jsonata.inference.frame import Frame
from flowgen.jsonata.inference.run import Run
from flowgen.jsonata.inference.same_value import NOT_ZERO
from flowgen.jsonata.inference.values import flattened
from flowgen.jsonata.tree import ArrayConstructor, Binary, Block, Call, Tree, Variable
from flowgen.types import Type, expand, present
from flowgen.types.algebra import ANY, NUMBER

_NEVER_NEGATIVE = frozenset({"count", "length", "millis"})


def may_be_zero(run: Run, node: Tree, type_: Type, context: Type, frame: Frame) -> bool:
    """Whether the divisor `node`, whose type is `type_`, may be 0 for all that is known about it."""
    if not type_.atoms & (NUMBER | ANY) and 0 not in type_.literals:
        return False
    return not _is_nonzero(run, node, context, frame)


def _is_nonzero(run: Run, node: Tree, context: Type, frame: Frame) -> bool:
    same = run.same(node) if run.facts else None
    if same is not None and (key := same.key(context) + NOT_ZERO) in run.facts and frame.fact(key) is not None:
        return True
    match node:
        case Block(expressions=(only,), predicates=()):
            return _is_nonzero(run, only, context, frame)
        case Binary(operator="*", left=left, right=right):
            return _is_nonzero(run, left, context, frame) and _is_nonzero(run, right, context, frame)
        case _:
            return _sign(run, node, context, frame) > 0


def _sign(run: Run, node: Tree, context: Type, frame: Frame) -> int:
    """1 where a number is positive, 0 where it is not negative, -1 where nothing is known."""
    match node:
        case Block(expressions=(only,), predicates=()):
            return _sign(run, only, context, frame)
        case Binary(operator="+", left=left, right=right):
            signs = _sign(run, left, context, frame), _sign(run, right, context, frame)
            return max(signs) if min(signs) >= 0 else -1
        case Binary(operator="*", left=left, right=right):
            return min(_sign(run, left, context, frame), _sign(run, right, context, frame))
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
    least_value = min((value for value in type_.literals if not isinstance(value, str)), default=-1)
    return 1 if least_value > 0 else 0 if least_value == 0 else -1


def _type(run: Run, node: Tree, context: Type, frame: Frame) -> Type:
    with run.silently():
        return expand(run.evaluate(node, context, frame))
