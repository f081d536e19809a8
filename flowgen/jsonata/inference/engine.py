"""Dispatches each kind of syntax node to the module that infers its type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flowgen.jsonata import tree
from flowgen.jsonata.inference import conditions, constructors, facts, functions, operators, paths, predicates, tuples
from flowgen.jsonata.inference.built_in import SIGNATURES
from flowgen.jsonata.inference.divisors import signs
from flowgen.jsonata.inference.frame import Frame
from flowgen.jsonata.inference.inferrer import Inferrer, collapse, sequence_of
from flowgen.jsonata.inference.mentions import PREFIX
from flowgen.jsonata.inference.problems import Kind, Severity
from flowgen.jsonata.inference.values import descendants, lookup, scalars, wildcard
from flowgen.jsonata.tree import Tree
from flowgen.types import NOTHING_TYPE, Type, expand, literal, present, union, unknown
from flowgen.types.algebra import ANY_TYPE, WRAPPER, Array, Origin


def infer_node(run: Inferrer, node: Tree, context: Type, frame: Frame) -> Type:
    """The type of `node` in the context `context`; sequences collapse, as JSONata does after every node."""
    run.work -= 1
    if run.work < 0:
        run.tell(Kind.TOO_COMPLEX, Severity.NOTE, node, "this expression is too complex to infer its type")
        return unknown("the expression is too complex")
    type_ = _HANDLERS[type(node)](run, node, context, frame)
    if tree.ends_in_tail_call(node):
        # The call happens later, and its result does not collapse.
        return _on_a_call_to_come(run, node, type_) if node.predicates or node.group is not None else type_
    for index, predicate in enumerate(node.predicates):
        if run.facts:
            type_ = facts.filled(run, run.same_values.filtered_so_far(node, index), type_, context, frame)
        type_ = predicates.filtered(run, predicate, type_, frame)
    if node.group is not None and type(node) is not tree.Path:
        type_ = constructors.grouped(run, node.group, type_, frame)
    if node.keep_array and node.predicates and predicates.is_index(node.predicates[-1]):
        type_ = expand(type_)
        return union(paths.kept(scalars(type_)), collapse(Type(parts=tuple(type_.arrays)), keep=True))
    if node.keep_array:
        _tell_bare(run, node, type_)
    type_ = collapse(type_, keep=node.keep_array) if type_.parts else type_
    return facts.refined_by_facts(run, node, type_, context, frame) if run.facts else type_


def _on_a_call_to_come(run: Inferrer, node: Tree, type_: Type) -> Type:
    """A predicate after parentheses at the end of a function: 2.0.6 applies it to the pending call, not its result."""
    run.tell(
        Kind.IGNORED,
        Severity.WARNING,
        node,
        "JSONata 2.0.6 does not apply this to the result of the call, because the call ends a function",
        "bind the result first: `($x := …; $x[…])`",
        may_fail=True,
    )
    if node.group is not None:
        return unknown("it groups a call that has not run yet", node.start, node.end)
    return union(type_, NOTHING_TYPE)


def _tell_bare(run: Inferrer, node: Tree, type_: Type) -> None:
    bare = present(scalars(type_))
    if bare.is_never or bare.is_any or type(node) in (tree.Name, tree.Path, tree.Wildcard):
        return
    run.tell(
        Kind.BARE,
        Severity.WARNING,
        node,
        f"`[]` has no effect here: a single `{bare}` does not become an array",
        f"put it in brackets: `[{run.text[node.start : node.inner_end].removesuffix('[]')}]`",
        type=type_,
    )


def _literal(run: Inferrer, node: tree.Literal, context: Type, frame: Frame) -> Type:
    del run, context, frame
    return literal(node.value)


def _variable(run: Inferrer, node: tree.Variable, context: Type, frame: Frame) -> Type:
    if node.name == "":
        return unwrapped(context)
    found = frame.lookup(node.name)
    if found is not None:
        return found
    if node.name in SIGNATURES:
        return functions.built_in(node.name)
    if node.name == "$":
        return NOTHING_TYPE
    _tell_unknown(run, node, frame)
    return Type(1, absent=Origin(f"`${node.name}` is not defined", node.start, node.end))


def _tell_unknown(run: Inferrer, node: tree.Variable, frame: Frame) -> None:
    from flowgen.diagnostics import did_you_mean

    guess = did_you_mean(node.name, [*frame.names(), *SIGNATURES])
    run.tell(
        Kind.UNKNOWN_VARIABLE,
        Severity.ERROR,
        node,
        f"unknown variable `${node.name}`: its value is undefined",
        f"did you mean `${guess}`?" if guess else None,
        certain=True,
        may_fail=True,
        new=guess and f"${guess}",
    )


def unwrapped(context: Type) -> Type:
    """The value of `$`: the input without the sequence in which JSONata wraps an array."""
    for part in context.parts:
        if type(part) is Array and part.kind == WRAPPER:
            return union(scalars(context), *part.prefix)
    return context


def _name(run: Inferrer, node: tree.Name, context: Type, frame: Frame) -> Type:
    del run, frame
    return lookup(context, node.name)


def _wildcard(run: Inferrer, node: tree.Wildcard, context: Type, frame: Frame) -> Type:
    del run, node, frame
    return wildcard(unwrapped(context))


def _descendants(run: Inferrer, node: tree.Descendants, context: Type, frame: Frame) -> Type:
    del run, node, frame
    return descendants(context)


def _parent(run: Inferrer, node: tree.Parent, context: Type, frame: Frame) -> Type:
    del run, context
    return frame.lookup(node.label) or NOTHING_TYPE


def _path(run: Inferrer, node: tree.Path, context: Type, frame: Frame) -> Type:
    if not any(step.tuples for step in node.steps):
        return paths.infer_path(run, node, context, frame)
    found = tuples.infer_tuples(run, node, context, frame)
    if node.group is not None:
        return constructors.grouped_tuples(run, node.group, found, frame)
    origin = Origin(f"`{run.source(node)}` is flattened", node.start, node.end)
    result = sequence_of(found.item, found.least, found.most, origin)
    return paths.kept(result) if node.keep_single else result


def _sort(run: Inferrer, node: tree.Sort, context: Type, frame: Frame) -> Type:
    del run, node, frame
    return sequence_of(context, 0, None)


def _block(run: Inferrer, node: tree.Block, context: Type, frame: Frame) -> Type:
    inner = Frame(frame)
    type_ = NOTHING_TYPE
    for expression in node.expressions:
        type_ = run.evaluate(expression, context, inner)
    return type_


def _bind(run: Inferrer, node: tree.Bind, context: Type, frame: Frame) -> Type:
    type_ = run.evaluate(node.value, context, frame)
    known = signs(run, node.value, type_, context, frame)
    frame.bind(node.name, type_)
    for about in known:
        key = f"{PREFIX}(${node.name}){about}"
        frame.narrowed[key] = ANY_TYPE
        run.facts.add(key)
    return type_


def _condition(run: Inferrer, node: tree.Condition, context: Type, frame: Frame) -> Type:
    return conditions.infer_condition(run, node, context, frame)


_HANDLERS: dict[type, Callable[[Inferrer, Any, Type, Frame], Type]] = {
    tree.Literal: _literal,
    tree.Variable: _variable,
    tree.Name: _name,
    tree.Wildcard: _wildcard,
    tree.Descendants: _descendants,
    tree.Parent: _parent,
    tree.Sort: _sort,
    tree.Path: _path,
    tree.Binary: operators.infer_binary,
    tree.Negation: operators.infer_negation,
    tree.ArrayConstructor: constructors.infer_array,
    tree.ObjectConstructor: constructors.infer_object,
    tree.Block: _block,
    tree.Bind: _bind,
    tree.Condition: _condition,
    tree.Call: functions.infer_call,
    tree.Partial: functions.infer_partial,
    tree.Lambda: functions.infer_lambda,
    tree.TailCall: functions.infer_tail_call,
    tree.Apply: functions.infer_apply,
    tree.Transform: functions.infer_transform,
    tree.Regex: functions.infer_regex,
}
