"""Calls of lambdas.

A lambda is inferred again at each call, with the argument types of that call. The result of a recursive lambda is a
fixed point: it is first assumed to be empty, then the result of the previous round, until it no longer changes. If that
takes more than a few rounds, the result is `any`.
"""

from __future__ import annotations

from collections.abc import Mapping

from flowgen.jsonata.inference.callables import Closure
from flowgen.jsonata.inference.frame import Frame
from flowgen.jsonata.inference.inferrer import MAX_CALLS, Active, Inferrer
from flowgen.jsonata.inference.problems import Kind, Severity
from flowgen.jsonata.inference.signatures import match, parse_signature
from flowgen.jsonata.inference.wrong_arguments import tell_wrong_arguments
from flowgen.jsonata.tree import Tree
from flowgen.types import NEVER, NOTHING_TYPE, Type, optional, union, unknown, widen
from flowgen.types.algebra import covers
from flowgen.types.widening import widened

MAX_ROUNDS = 6
_EXACT_ROUNDS = 2
"""After this many rounds, the result type of a recursive function is widened."""


def apply_closure(
    run: Inferrer, closure: Closure, arguments: list[Type], context: Type, node: Tree, nodes: list[Tree]
) -> Type:
    if closure.signature is None:
        return _call_closure(run, closure, arguments, context, node)
    parameters = parse_signature(closure.signature)
    if parameters is None:
        return optional(unknown("the signature of the function is not valid", node.start, node.end))
    matched = match(parameters, arguments, context)
    tell_wrong_arguments(run, "this function", matched, arguments, node, nodes, parameters)
    return union(*(_call_closure(run, closure, list(placed.arguments), context, node) for placed in matched.placed))


def _call_closure(run: Inferrer, closure: Closure, arguments: list[Type], context: Type, node: Tree) -> Type:
    bindings = dict(closure.bound)
    for index, name in enumerate(closure.parameters):
        bindings[name] = arguments[index] if index < len(arguments) else NOTHING_TYPE
    key = closure.node
    nested = 0
    for active in run.calls:
        if active.key is key:
            nested += 1
            if active.arguments == arguments:
                active.used = True
                return active.assumed
    if nested >= 2:  # noqa: PLR2004 - twice with other arguments: they may grow forever
        widest = [
            widen(union(*group))
            for group in zip(arguments, *(a.arguments for a in run.calls if a.key is key), strict=False)
        ]
        for active in run.calls:
            if active.key is key and active.arguments == widest:
                active.used = True
                return active.assumed
        if nested >= MAX_ROUNDS or len(run.calls) >= MAX_CALLS:
            why = "the function calls itself with new types each time"
            run.tell(Kind.TOO_COMPLEX, Severity.NOTE, node, f"{why}, so its result type is unknown", may_fail=True)
            return optional(unknown(why, node.start, node.end))
        arguments = widest
        bindings = dict(closure.bound) | {
            name: arguments[index] if index < len(arguments) else NOTHING_TYPE
            for index, name in enumerate(closure.parameters)
        }
    return _fixed(run, closure, Active(key, arguments, NEVER), bindings, context)


def _fixed(run: Inferrer, closure: Closure, active: Active, bindings: Mapping[str, Type], context: Type) -> Type:
    """The result of the body; the result of recursive calls is found by iteration."""
    told = dict(run.problems)
    result = _round(run, closure, active, bindings, context)
    if not active.used:
        return result
    run.problems = told
    for round_ in range(MAX_ROUNDS):
        if covers(active.assumed, result):
            break
        grown = widen(union(active.assumed, result)) if round_ < _EXACT_ROUNDS else widened(active.assumed, result)
        if grown == active.assumed:
            break
        active.assumed = grown
        with run.silently():
            result = _round(run, closure, active, bindings, context)
    else:
        active.assumed = optional(unknown("the function is recursive, and its result type grows with each call"))
    return union(active.assumed, _round(run, closure, active, bindings, context))


def _round(run: Inferrer, closure: Closure, active: Active, bindings: Mapping[str, Type], context: Type) -> Type:
    run.calls.append(active)
    try:
        return run.evaluate(closure.node.body, closure.context, Frame(closure.frame, bindings, context))
    finally:
        run.calls.pop()
