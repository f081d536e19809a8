"""Which expressions have the same value at each evaluation, and the text that identifies equal ones.

The only side effects in JSONata are bindings, so what a condition has shown about an expression holds where it occurs
again, as long as its variables and the context are unchanged. `$random` and similar functions are the exceptions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from typing import Any

from flowgen.jsonata.inference.built_in import SIGNATURES, arity_of, parameters_of
from flowgen.jsonata.inference.mentions import PREFIX
from flowgen.jsonata.tree import (
    Bind,
    Block,
    Call,
    Descendants,
    Index,
    Lambda,
    Name,
    Node,
    Parent,
    Partial,
    Path,
    Step,
    TailCall,
    Tree,
    Variable,
    Wildcard,
)

_CHANGING = frozenset({"random", "uuid", "shuffle", "now", "millis", "eval"})
"""Functions that return a different value at each call."""

_NAMES = re.compile(r"\$(\w+)")

_PLACES = frozenset({"start", "end", "inner_end"})


NOT_ZERO = "≠0"
"""The suffix of the key of the fact that a value is not 0."""

NOT_NEGATIVE = "≥0"

_LONGEST = 1000
"""Maximum length of expressions with facts: the texts of all parts take space quadratic in the length."""


@dataclass(frozen=True, slots=True)
class SameValue:
    """The text of an expression without spaces and redundant parentheses; `local`: it depends on the context."""

    text: str
    local: bool

    @property
    def variables(self) -> list[str]:
        """The names after each `$` in the text: of variables and functions, and in strings."""
        return _NAMES.findall(self.text)

    def key(self, context: object) -> str:
        """The key of facts about it in the context `context`."""
        return f"@{id(context)}{self.text}" if self.local else PREFIX + self.text


def same_value(node: Tree) -> SameValue | None:
    """How to recognize an expression; None if its value may differ at the next evaluation."""
    if node.end - node.start > _LONGEST:
        return None
    try:
        return SameValue(f"({_text(node)})", _is_local(node))
    except _Changing:
        return None


def filtered_so_far(node: Tree, count: int) -> SameValue | None:
    """`same_value` of an expression with only its first `count` predicates."""
    return same_value(replace(node, predicates=node.predicates[:count], group=None, keep_array=False))


def staged_so_far(path: Path, index: int, count: int) -> SameValue | None:
    """`same_value` of a path up to a step with only its first `count` predicates."""
    if path.tuples or any(step.tuples for step in path.steps[: index + 1]):
        return None
    steps = (*path.steps[:index], replace(path.steps[index], stages=path.steps[index].stages[:count]))
    return same_value(replace(path, steps=steps, keep_single=False, predicates=(), group=None, keep_array=False))


def first_steps(path: Path) -> list[SameValue | None]:
    """`same_value` of the first step of a path, of the first two, and so on, without the whole path."""
    if path.tuples or any(step.tuples for step in path.steps) or same_value(path) is None:
        return [None] * (len(path.steps) - 1)
    found: list[SameValue | None] = []
    text, local = "", False
    for index, step in enumerate(path.steps[:-1]):
        text = f"{text}.{_text(step)}" if index else _text(step)
        local = local or (index == 0 and _is_local(step.node))
        found.append(SameValue(f"({text})", local))
    return found


class _Changing(Exception):  # noqa: N818 - never leaves this module
    """An expression whose value may change."""


def _text(value: Any) -> str:
    match value:
        case Bind() | TailCall():
            raise _Changing
        case Node(group=group) if group is not None:
            raise _Changing
        case Block(expressions=(only,), predicates=(), keep_array=False):
            return _text(only)
        case Call(procedure=Variable(name=name)) | Partial(procedure=Variable(name=name)) if name in _CHANGING:
            raise _Changing
        case Variable(name=name):
            return f"${name}{_after(value)}"
        case Name(name=name):
            return f"{name!r}{_after(value)}"
        case Path(steps=steps):
            return ".".join(map(_text, steps)) + ("[]" if value.keep_single else "") + _after(value)
        case Step(node=node, stages=stages):
            bound = f"@{value.focus}#{value.index}%{value.ancestor}" if value.tuples or value.focus else ""
            made = "!" if value.constructor else ""
            return f"{made}{_text(node)}{bound}" + "".join(f"[{_text(stage)}]" for stage in stages)
        case Index(name=name):
            return f"#{name}"
        case tuple():
            return f"({','.join(map(_text, value))})"
        case Node():
            inner = ",".join(
                _text(getattr(value, field.name)) for field in fields(value) if field.name not in _PLACES | _WRITTEN
            )
            return f"{type(value).__name__}({inner}){_after(value)}"
        case _ if hasattr(value, "__dataclass_fields__"):
            return _text(tuple(getattr(value, field.name) for field in fields(value) if field.name not in _PLACES))
        case _:
            return repr(value)


_WRITTEN = frozenset({"predicates", "group", "keep_array"})
"""Fields that `_after` writes."""


def _after(node: Node) -> str:
    return "".join(f"[{_text(predicate)}]" for predicate in node.predicates) + ("[]" if node.keep_array else "")


def _is_local(node: Any) -> bool:
    """Whether the value depends on the context; an expression inside a path has another context."""
    match node:
        case Variable(name=""):
            return True
        case Name() | Wildcard() | Descendants() | Parent():
            return True
        case Path(steps=(first, *_)):
            return _is_local(first.node)
        case Call(procedure=procedure, arguments=arguments):
            return _takes_context(procedure, len(arguments)) or any(map(_is_local, (procedure, *arguments)))
        case Lambda(body=body):
            return _is_local(body)
        case tuple():
            return any(map(_is_local, node))
        case Node():
            # The context of a predicate is the item that it filters.
            inner = (getattr(node, field.name) for field in fields(node) if field.name not in _PLACES | _WRITTEN)
            return any(map(_is_local, inner))
        case _ if hasattr(node, "__dataclass_fields__"):
            return any(_is_local(getattr(node, field.name)) for field in fields(node))
        case _:
            return False


def _takes_context(procedure: Tree, count: int) -> bool:
    if not isinstance(procedure, Variable) or procedure.name not in SIGNATURES:
        return True
    wanted = any(parameter.context for parameter in parameters_of(procedure.name))
    return wanted and count < arity_of(procedure.name)
