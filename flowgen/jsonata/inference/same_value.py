"""Which expressions have the same value at each evaluation, and the text that identifies equal ones.

The only side effects in JSONata are bindings, so what a condition has shown about an expression holds where it occurs
again, as long as its variables and the context are unchanged. `$random` and similar functions are the exceptions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

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

T = TypeVar("T")

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


class _Changing(Exception):  # noqa: N818 - never leaves this module
    """An expression whose value may change."""


_OMITTED = _PLACES | {"predicates", "group", "keep_array"}
"""Fields that do not belong between parentheses: `_after` writes predicates and `[]`."""


@dataclass(frozen=True, slots=True)
class SameValues:
    """Finds how to recognize the expressions of one syntax tree, whose parts it visits once.

    Results are kept by the id of a node, next to the node, because Python may reuse the id of a deleted object.
    """

    _texts: dict[int, tuple[Node, str | None]] = field(default_factory=dict)
    _local: dict[int, tuple[Node, bool]] = field(default_factory=dict)
    _found: dict[tuple[int, object], tuple[Node, Any]] = field(default_factory=dict)

    def of(self, node: Tree) -> SameValue | None:
        """How to recognize an expression; None if its value may differ at the next evaluation."""
        return self._once(node, "", lambda: self._same(node))

    def filtered_so_far(self, node: Tree, count: int) -> SameValue | None:
        """The same for an expression with only its first `count` predicates."""

        def made() -> SameValue | None:
            return self._same(replace(node, predicates=node.predicates[:count], group=None, keep_array=False))

        return self._once(node, count, made)

    def staged_so_far(self, path: Path, index: int, count: int) -> SameValue | None:
        """The same for a path up to a step with only its first `count` predicates."""

        def made() -> SameValue | None:
            if path.tuples or any(step.tuples for step in path.steps[: index + 1]):
                return None
            steps = (*path.steps[:index], replace(path.steps[index], stages=path.steps[index].stages[:count]))
            return self._same(
                replace(path, steps=steps, keep_single=False, predicates=(), group=None, keep_array=False)
            )

        return self._once(path, (index, count), made)

    def first_steps(self, path: Path) -> list[SameValue | None]:
        """The same for the first step of a path, for the first two, and so on, without the whole path."""
        return self._once(path, "first steps", lambda: self._first_steps(path))

    def _once(self, node: Node, part: object, make: Callable[[], T]) -> T:
        found: tuple[Node, T] | None = self._found.get((id(node), part))
        if found is None:
            found = self._found[id(node), part] = node, make()
        return found[1]

    def _same(self, node: Tree) -> SameValue | None:
        if node.end - node.start > _LONGEST:
            return None
        try:
            return SameValue(f"({self._text(node)})", self._is_local(node))
        except _Changing:
            return None

    def _first_steps(self, path: Path) -> list[SameValue | None]:
        if path.tuples or any(step.tuples for step in path.steps) or self.of(path) is None:
            return [None] * (len(path.steps) - 1)
        found: list[SameValue | None] = []
        text, local = "", False
        for index, step in enumerate(path.steps[:-1]):
            text = f"{text}.{self._text(step)}" if index else self._text(step)
            local = local or (index == 0 and self._is_local(step.node))
            found.append(SameValue(f"({text})", local))
        return found

    def _text(self, value: Any) -> str:
        if not isinstance(value, Node):
            return self._written(value)
        found = self._texts.get(id(value))
        if found is None:
            try:
                found = value, self._written(value)
            except _Changing:
                found = value, None
            self._texts[id(value)] = found
        if found[1] is None:
            raise _Changing
        return found[1]

    def _is_local(self, value: Any) -> bool:
        """Whether the value depends on the context; an expression inside a path has another context."""
        if not isinstance(value, Node):
            return self._has_local(value)
        found = self._local.get(id(value))
        if found is None:
            found = self._local[id(value)] = value, self._has_local(value)
        return found[1]

    def _written(self, value: Any) -> str:
        match value:
            case Bind() | TailCall():
                raise _Changing
            case Node(group=group) if group is not None:
                raise _Changing
            case Block(expressions=(only,), predicates=(), keep_array=False):
                return self._text(only)
            case Call(procedure=Variable(name=name)) | Partial(procedure=Variable(name=name)) if name in _CHANGING:
                raise _Changing
            case Variable(name=name):
                return f"${name}{self._after(value)}"
            case Name(name=name):
                return f"{name!r}{self._after(value)}"
            case Path(steps=steps):
                return ".".join(map(self._text, steps)) + ("[]" if value.keep_single else "") + self._after(value)
            case Step(node=node, stages=stages):
                bound = f"@{value.focus}#{value.index}%{value.ancestor}" if value.tuples or value.focus else ""
                made = "!" if value.constructor else ""
                return f"{made}{self._text(node)}{bound}" + "".join(f"[{self._text(stage)}]" for stage in stages)
            case Index(name=name):
                return f"#{name}"
            case tuple():
                return f"({','.join(map(self._text, value))})"
            case Node():
                inner = ",".join(
                    self._text(getattr(value, name)) for name in value.__dataclass_fields__ if name not in _OMITTED
                )
                return f"{type(value).__name__}({inner}){self._after(value)}"
            case _ if hasattr(value, "__dataclass_fields__"):
                return self._text(
                    tuple(getattr(value, name) for name in value.__dataclass_fields__ if name not in _PLACES)
                )
            case _:
                return repr(value)

    def _after(self, node: Node) -> str:
        return "".join(f"[{self._text(predicate)}]" for predicate in node.predicates) + (
            "[]" if node.keep_array else ""
        )

    def _has_local(self, node: Any) -> bool:
        match node:
            case Variable(name=""):
                return True
            case Name() | Wildcard() | Descendants() | Parent():
                return True
            case Path(steps=(first, *_)):
                return self._is_local(first.node)
            case Call(procedure=procedure, arguments=arguments):
                return _takes_context(procedure, len(arguments)) or any(map(self._is_local, (procedure, *arguments)))
            case Lambda(body=body):
                return self._is_local(body)
            case tuple():
                return any(map(self._is_local, node))
            case Node():
                # The context of a predicate is the item that it filters.
                inner = (getattr(node, name) for name in node.__dataclass_fields__ if name not in _OMITTED)
                return any(map(self._is_local, inner))
            case _ if hasattr(node, "__dataclass_fields__"):
                return any(
                    self._is_local(getattr(node, name)) for name in node.__dataclass_fields__ if name not in _PLACES
                )
            case _:
                return False


def _takes_context(procedure: Tree, count: int) -> bool:
    if not isinstance(procedure, Variable) or procedure.name not in SIGNATURES:
        return True
    wanted = any(parameter.context for parameter in parameters_of(procedure.name))
    return wanted and count < arity_of(procedure.name)
