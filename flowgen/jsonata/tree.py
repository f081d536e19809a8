"""The syntax tree of an expression, as JSONata evaluates it: paths in steps, predicates next to what they filter.

Every node has the offsets of its text, in code points. The names are those of the JSONata documentation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """The base of all nodes.

    `predicates` are the filters after the node (in a path, they belong to the step), `group` is `{…}` after it, and
    `keep_array` is `[]` after it. `inner_end` is the end of its text without these.
    """

    start: int
    end: int
    inner_end: int
    predicates: tuple[Tree, ...] = ()
    group: Group | None = None
    keep_array: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal(Node):
    """A string, a number, `true`, `false` or `null`. Predicates after it belong to a `Block` around it."""

    value: str | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable(Node):
    """`$name`; an empty name is the context `$`, and `$` is the input `$$`."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Name(Node):
    """The name of a field; occurs only as a step."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wildcard(Node):
    """`*`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Descendants(Node):
    """`**`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent(Node):
    """`%`; `label` is the variable of the path that holds it."""

    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SortTerm:
    """One expression to order by."""

    expression: Tree
    descending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort(Node):
    """`^(…)`; occurs only as a step."""

    terms: tuple[SortTerm, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """`#$name` after a predicate."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a path.

    `focus` and `index` are the variables of `@$v` and `#$i`; `ancestor` is the label that a later `%` reads; `tuples`
    means that from here on the items carry variables; `constructor` that its array stays one item.
    """

    node: Tree
    stages: tuple[Tree | Index, ...] = ()
    focus: str | None = None
    index: str | None = None
    ancestor: str | None = None
    tuples: bool = False
    constructor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Path(Node):
    """`a.b[c]^(d)`. `keep_single` is `[]` after a step; `tuples` means that the enclosing path reads its variables."""

    steps: tuple[Step, ...]
    keep_single: bool
    tuples: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary(Node):
    """`+ - * / % = != < <= > >= & and or in ..`; the operator starts at `operator_start`."""

    operator: str
    left: Tree
    right: Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Negation(Node):
    """`-x`."""

    operand: Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayConstructor(Node):
    """`[…]`; `constructor` means that it stays one item in a path."""

    items: tuple[Tree, ...]
    constructor: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Pairs of keys and values."""

    pairs: tuple[tuple[Tree, Tree], ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectConstructor(Node):
    """`{…}`."""

    pairs: Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(Node):
    """`(a; b)`."""

    expressions: tuple[Tree, ...]
    tuples: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bind(Node):
    """`$name := value`."""

    name: str
    value: Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition(Node):
    """`condition ? then : otherwise`."""

    condition: Tree
    then: Tree
    otherwise: Tree | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Node):
    """`procedure(arguments)`."""

    procedure: Tree
    arguments: tuple[Tree, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial(Node):
    """`procedure(a, ?)`; None is the question mark."""

    procedure: Tree
    arguments: tuple[Tree | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lambda(Node):
    """`function($a, $b)<signature>{ body }`."""

    parameters: tuple[str, ...]
    signature: str | None
    body: Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class TailCall(Node):
    """A tail call, whose value is that of the enclosing function. JSONata calls it after that function returned."""

    call: Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Apply(Node):
    """`value ~> function`."""

    value: Tree
    function: Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform(Node):
    """`| pattern | update, delete |`."""

    pattern: Tree
    update: Tree
    delete: Tree | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Regex(Node):
    """`/…/`."""


Tree: TypeAlias = (
    Literal
    | Variable
    | Name
    | Wildcard
    | Descendants
    | Parent
    | Sort
    | Path
    | Binary
    | Negation
    | ArrayConstructor
    | ObjectConstructor
    | Block
    | Bind
    | Condition
    | Call
    | Partial
    | Lambda
    | TailCall
    | Apply
    | Transform
    | Regex
)


def walk(node: Tree) -> Iterator[Tree]:
    """`node` and all nodes in it."""
    yield node
    for field in fields(node):
        yield from _nodes_in(getattr(node, field.name))


def _nodes_in(value: Any) -> Iterator[Tree]:
    if isinstance(value, Node):
        yield from walk(value)  # type: ignore[arg-type]  # every node is of the union
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes_in(item)
    elif isinstance(value, Step | SortTerm | Group):
        for field in fields(value):
            yield from _nodes_in(getattr(value, field.name))


def ends_in_tail_call(node: Tree) -> bool:
    """Whether the value of `node` may be a tail call that JSONata has not evaluated yet."""
    match node:
        case TailCall():
            return True
        case Block(expressions=(*_, last)):
            return ends_in_tail_call(last)
        case Condition(then=then, otherwise=otherwise):
            return ends_in_tail_call(then) or (otherwise is not None and ends_in_tail_call(otherwise))
        case _:
            return False
