"""The variables of a raw state in Amazon States Language: which it reads, and which it assigns.

In: an `asl` step. Out: its expressions, each with the variables that are visible only inside the state. Never:
diagnostics; whether a variable has a value is a question of the paths to the step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flowgen.jsonata.parsing import ExpressionParser, Syntax
from flowgen.model import Asl, Expression
from flowgen.source import Mapping, Node, Scalar, Sequence

_NESTED = ("Branches", "ItemProcessor", "Iterator")
_START, _END = "{%", "%}"


@dataclass(frozen=True, slots=True)
class RawExpression:
    """An expression, and the names that the states around it, inside the raw state, assign.

    `outside`: whether it also sees the variables outside the raw state; in a distributed Map, it does not.
    """

    expression: Expression
    own: frozenset[str] = frozenset()
    outside: bool = True


def raw_expressions(step: Asl) -> Iterator[RawExpression]:
    """The expressions in a raw state. Expressions that do not parse are not included: FG413 reports them."""
    parser = ExpressionParser()
    pending: list[tuple[Node | None, frozenset[str], bool]] = [(step.node.get("asl"), frozenset(), True)]
    while pending:
        node, own, outside = pending.pop()
        match node:
            case Mapping(entries=entries):
                for entry in entries:
                    if entry.key.text in _NESTED and node.get("Type") is not None:
                        inner = own | _assigned_in(entry.value)
                        pending.append((entry.value, inner, outside and not _is_distributed(entry.value)))
                    elif entry.key.text != "Comment":
                        pending.append((entry.value, own, outside))
            case Sequence(items=items):
                pending.extend((item, own, outside) for item in items)
            case Scalar(text=text) if text.startswith(_START) and text.endswith(_END) and len(text) >= len(_START) * 2:
                inside = text[len(_START) : -len(_END)]
                syntax = parser.parse(inside, evals=True)
                if isinstance(syntax, Syntax):
                    yield RawExpression(Expression(inside, node, len(_START), syntax), own, outside)


def raw_assigned(step: Asl) -> frozenset[str]:
    """The variables that later states can read."""
    return _keys(step.node.get("asl"))


def _assigned_in(machines: Node) -> frozenset[str]:
    found: set[str] = set()
    pending: list[Node] = [machines]
    while pending:
        node = pending.pop()
        if isinstance(node, Mapping):
            found |= _keys(node)
            pending.extend(entry.value for entry in node.entries)
        elif isinstance(node, Sequence):
            pending.extend(node.items)
    return frozenset(found)


def _keys(state: Node | None) -> frozenset[str]:
    assign = state.get("Assign") if isinstance(state, Mapping) else None
    return frozenset(entry.key.text for entry in assign.entries) if isinstance(assign, Mapping) else frozenset()


def _is_distributed(processor: Node) -> bool:
    config = processor.get("ProcessorConfig") if isinstance(processor, Mapping) else None
    mode = config.get("Mode") if isinstance(config, Mapping) else None
    return isinstance(mode, Scalar) and mode.text == "DISTRIBUTED"
