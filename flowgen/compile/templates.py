"""Values as JSON templates of Step Functions, and as JSONata text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, assert_never

from flowgen.compile.substitutions import intrinsic, is_open, placeholder, stack_value
from flowgen.jsonata import tree
from flowgen.jsonata.literals import quoted
from flowgen.model import Expression, Interpolation, Intrinsic, ListValue, Literal, Member, ObjectValue, Value

Names = Mapping[str, str]
"""The JSONata in the machine for flowgen's names: `{"input": "$states.context.Execution.Input"}`."""


def enclosed(jsonata: str) -> str:
    """An expression in the delimiters of Step Functions.

    >>> enclosed("$order.total")
    '{% $order.total %}'
    """
    return f"{{% {jsonata} %}}"


def template(value: Value, names: Names) -> Any:
    """A value as a template: expressions in delimiters, everything else unchanged."""
    match value:
        case Literal(value=str() as text):
            # AWS's validators reject a bare empty string in some places.
            return enclosed(quoted(text)) if "${" in text or not text else text
        case Literal(value=literal):
            return literal
        case ListValue(items=items):
            return [template(item, names) for item in items]
        case Intrinsic():
            return enclosed(intrinsic(value, names)) if is_open(value, names) else placeholder(value)
        case ObjectValue(members=members) if not any(member.optional or "${" in member.key for member in members):
            return {member.key: template(member.value, names) for member in members}
        case _:
            return enclosed(jsonata(value, names))


def output(value: Value, names: Names) -> Any:
    """A value as `Output`, where AWS's validators reject a bare scalar or array."""
    made = template(value, names)
    return made if isinstance(made, dict) or is_enclosed(made) else enclosed(jsonata(value, names))


def is_enclosed(made: Any) -> bool:
    return isinstance(made, str) and made.startswith("{%")


def jsonata(value: Value, names: Names) -> str:
    """A value as JSONata. JSONata omits keys with undefined values, which is the meaning of `key?`."""
    match value:
        case Expression():
            return renamed(value, names)
        case Literal(value=str() as text):
            return quoted(text)
        case Literal(value=literal):
            return json.dumps(literal)
        case Interpolation(parts=parts):
            return _concatenated([quoted(part) if isinstance(part, str) else _operand(part, names) for part in parts])
        case ListValue(items=items):
            return f"[{', '.join(_item(item, names) for item in items)}]"
        case Intrinsic():
            return intrinsic(value, names)
        case ObjectValue(members=members):
            pairs = (f"{quoted(member.key)}: {_of_key(member, names)}" for member in members)
            return f"{{{', '.join(pairs)}}}"
        case _:
            assert_never(value)


_CHAIN = 16
"""Operands per `&` chain. Each operand nests the evaluation one level deeper; AWS's limit is 100 levels."""


def _concatenated(operands: list[str]) -> str:
    """The operands as one string: a chain of `&`, and for many operands a chain of chains.

    >>> _concatenated(["'a'", "$b"])
    "'a' & $b"
    """
    while len(operands) > _CHAIN:
        chains = (operands[at : at + _CHAIN] for at in range(0, len(operands), _CHAIN))
        operands = [f"({' & '.join(chain)})" for chain in chains]
    return " & ".join(operands)


def _of_key(member: Member, names: Names) -> str:
    """The value of a key. Comparing undefined with null yields false, too, and `? :` without else yields undefined."""
    text = jsonata(member.value, names)
    if not member.nullable or (isinstance(member.value, Expression) and _never_null(member.value.syntax.tree)):
        return text
    if _REFERENCE.fullmatch(text):
        return f"{text} != null ? {text}"
    return f"($value__ := {text}; $value__ != null ? $value__)"


def _never_null(node: tree.Tree) -> bool:
    """Whether the expression's syntax shows that its value is not null."""
    if node.predicates or node.group is not None:
        return False
    match node:
        case tree.Literal(value=value):
            return value is not None
        case tree.Condition(then=then, otherwise=otherwise):
            return _never_null(then) and (otherwise is None or _never_null(otherwise))
        case tree.Block(expressions=(*_, last)):
            return _never_null(last)
        case _:
            return isinstance(node, tree.ArrayConstructor | tree.Binary | tree.ObjectConstructor)


def _item(item: Value, names: Names) -> str:
    """An item of a list. JSONata merges an array into the enclosing list; JSON nests it."""
    text = jsonata(item, names)
    if not isinstance(item, Expression):
        return text
    if _REFERENCE.fullmatch(text):
        return f"$type({text}) = 'array' ? [[{text}]] : {text}"
    return f"($item__ := {text}; $type($item__) = 'array' ? [[$item__]] : $item__)"


_REFERENCE = re.compile(r"[\w.$]+")


def _operand(expression: Expression, names: Names) -> str:
    text = renamed(expression, names)
    return text if _REFERENCE.fullmatch(text) else f"({text})"


def renamed(expression: Expression, names: Names) -> str:
    """The expression's text with flowgen's names replaced; AWS runs the rest as written.

    CloudFormation replaces `${Name}` anywhere in a definition, so none may remain.
    """
    text = expression.text
    changes = []
    for reference in expression.syntax.references:
        if reference.name in ("parameters", "resources"):
            changes.append((reference.start, *stack_value(reference, names)))
        elif reference.name in names:
            changes.append((reference.start, reference.end, names[reference.name]))
    before = ""
    for token in expression.syntax.tokens:
        written = text[token.start : token.end]
        if "${" in written:
            changes.append((token.start, token.end, _without_marks(token.kind, written, before)))
        before = written
    pieces, at = [], 0
    for start, end, replacement in sorted(changes):
        pieces += [text[at:start].replace("${", "$ {"), replacement]
        at = end
    # Between tokens are comments, and the brace after a bare `$`: a space makes no difference there.
    return "".join([*pieces, text[at:].replace("${", "$ {")]).strip()


def _without_marks(kind: str, written: str, before: str) -> str:
    """An equivalent string, name in backquotes or regular expression without `${`."""
    if kind == "string":
        return written.replace("${", "\\u0024{")
    if kind == "name":  # a string is a name where it is a step of a path
        return quoted(written[1:-1]) if before == "." else f"$.{quoted(written[1:-1])}"
    return re.sub(r"(\\*)\$\{", lambda match: f"{match[1]}{'u0024' if len(match[1]) % 2 else '(?:$)'}{{", written)
