"""Expressions of JSONata states with the document instead of `$states.input`."""

from __future__ import annotations

from flowgen.importing.jsonpath_expressions import NotExpressible
from flowgen.importing.state_document import (
    JSON,
    Computed,
    Record,
    Reference,
    Sequence,
    Step,
    Value,
    constant,
    operand,
    select_all,
)
from flowgen.jsonata import tree
from flowgen.jsonata.parsing import ExpressionParser, Syntax

_PARSER = ExpressionParser()


def is_expression(value: JSON) -> bool:
    """Whether a value of a JSONata state is an expression."""
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}") and len(value) >= len("{%%}")


def value_of(written: JSON, document: Value) -> Value:
    """The value of a field of a JSONata state. Raises `NotExpressible` for an expression that does not parse."""
    if is_expression(written):
        return _expression(written[2:-2].strip(), document)
    if isinstance(written, dict):
        return Record(None, {key: value_of(item, document) for key, item in written.items()})
    if isinstance(written, list) and any(isinstance(item, dict | list) or is_expression(item) for item in written):
        return Sequence(tuple(value_of(item, document) for item in written))
    return constant(written)


def _expression(text: str, document: Value) -> Value:
    syntax = _PARSER.parse(text)
    if not isinstance(syntax, Syntax):
        raise NotExpressible(f"the expression `{text}` ({syntax.message})")
    return _merged(text, syntax, document) or _rewritten(text, 0, len(text), syntax, document)


def _rewritten(text: str, start: int, end: int, syntax: Syntax, document: Value) -> Value:
    """A part of an expression: a reference if it is nothing more, otherwise its text with the document's values."""
    pieces: list[str] = []
    at, first = start, start
    while first < end and text[first].isspace():
        first += 1
    for reference in syntax.references:
        if not start <= reference.start < end or reference.called:
            continue
        steps: tuple[Step, ...]
        if reference.name == "states" and reference.path:
            member, steps = reference.path[0], reference.path[1:]
            value = document if member == "input" else Reference(f"$states.{member}")
        else:
            steps = reference.path
            value = Reference(f"${reference.name}")
        stop = reference.path_ends[-1] if reference.path else reference.end
        if first == reference.start and stop == len(text[:end].rstrip()):
            return select_all(value, steps)
        if reference.name == "states" and reference.path and reference.path[0] == "input":
            pieces.append(text[at : reference.start])
            pieces.append(operand(select_all(value, steps)))
            at = stop
    pieces.append(text[at:end])
    made = "".join(pieces).strip()
    return Computed(made, is_atom=_is_atom(syntax.tree) and (start, end) == (0, len(text)))


def _is_atom(node: tree.Tree) -> bool:
    return isinstance(
        node, tree.Path | tree.Call | tree.Literal | tree.ArrayConstructor | tree.ObjectConstructor | tree.Block
    )


def _merged(text: str, syntax: Syntax, document: Value) -> Value | None:
    """The value of `$merge([$states.input, {…}])`, the usual way to add members to the document."""
    match syntax.tree:
        case tree.Call(
            procedure=tree.Variable(name="merge"),
            arguments=(tree.ArrayConstructor(items=(base, tree.ObjectConstructor(pairs=group))),),
        ):
            if not all(isinstance(key, tree.Literal) for key, _ in group.pairs):
                return None
            whole = _rewritten(text, base.start, base.end, syntax, document)
            if not isinstance(whole, Reference | Record):
                return None
            members = {
                key.value: _rewritten(text, item.start, item.end, syntax, document)
                for key, item in group.pairs
                if isinstance(key, tree.Literal) and isinstance(key.value, str)
            }
            if isinstance(whole, Record):
                return Record(whole.base, {**whole.members, **members})
            return Record(whole, members)
        case _:
            return None
