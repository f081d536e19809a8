"""The document that a state receives, as a tree of known values.

A JSONPath machine passes one growing document from state to state. Here it is a symbolic value: references to
variables and to the machine's input, constants, and objects of which some members are known. Reading a path in it
gives the expression that a JSONata state needs for the same value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from flowgen.jsonata.literals import quoted

JSON: TypeAlias = Any
Step: TypeAlias = str | int
Place: TypeAlias = tuple[str, ...]
"""The names that lead to a member of the document."""

EXECUTION_INPUT = "$states.context.Execution.Input"
STATE_INPUT = "$states.input"
RESULT = "$states.result"
ERROR_OUTPUT = "$states.errorOutput"
CONTEXT = "$states.context"

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = frozenset({"and", "or", "in", "true", "false", "null", "function"})


@dataclass(frozen=True, slots=True)
class Reference:
    """A value inside a variable or a member of `$states`: `$order.total` is `$order` and `("total",)`."""

    root: str
    steps: tuple[Step, ...] = ()

    @property
    def is_stable(self) -> bool:
        """Whether later states can read it: it is in a variable or in the execution's input."""
        return self.root == EXECUTION_INPUT or not self.root.startswith("$states.")


@dataclass(frozen=True, slots=True)
class Constant:
    """A JSON value that the definition contains."""

    value: JSON

    def __hash__(self) -> int:
        return hash(repr(self.value))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Constant) and repr(self.value) == repr(other.value)


@dataclass(frozen=True, slots=True)
class Computed:
    """A JSONata expression that is more than a reference. `is_atom` means that it needs no parentheses."""

    text: str
    is_atom: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """A member that the document cannot have."""


@dataclass(frozen=True, slots=True)
class Optional:
    """A member that the document lacks if the reference selects nothing."""

    value: Reference


@dataclass(frozen=True, slots=True)
class Record:
    """An object: the members of `base`, if any, and `members`, which replace those of the same name."""

    base: Value | None
    members: Mapping[str, Value]

    def __hash__(self) -> int:
        return hash((self.base, tuple(self.members)))


@dataclass(frozen=True, slots=True)
class Sequence:
    """An array with these items."""

    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class New:
    """A value that the current state makes, before a variable holds it. `name` suggests the variable's name.

    `spread` means that an object's members become separate variables.
    """

    value: Value
    name: str
    spread: bool = False


Value: TypeAlias = Reference | Constant | Computed | Missing | Optional | Record | Sequence | New

EMPTY = Record(None, {})


def plain(value: Value) -> Value:
    """The value without the marks of new values, at any depth."""
    match value:
        case New(inner):
            return plain(inner)
        case Record(base, members):
            return Record(
                None if base is None else plain(base), {key: plain(member) for key, member in members.items()}
            )
        case Sequence(items):
            return Sequence(tuple(map(plain, items)))
        case _:
            return value


def constant(value: JSON) -> Value:
    """A JSON value; an object shows its members."""
    if isinstance(value, dict):
        return Record(None, {key: constant(item) for key, item in value.items()})
    return Constant(value)


def select(value: Value, step: Step) -> Value:
    """The member or item of a value."""
    match value:
        case New(inner, name):
            return New(select(inner, step), name)
        case Optional(inner):
            return select(inner, step)
        case Reference(root, steps):
            return Reference(root, (*steps, step))
        case Record(base, members) if isinstance(step, str):
            if step in members:
                return members[step]
            return Missing() if base is None else select(base, step)
        case Sequence(items) if isinstance(step, int) and -len(items) <= step < len(items):
            return items[step]
        case Constant(found):
            return _member(found, step)
        case Computed() | Missing():
            return Computed(_stepped(_operand(value), step), is_atom=True) if isinstance(value, Computed) else value
        case _:
            return Missing()


def _member(value: JSON, step: Step) -> Value:
    if isinstance(value, dict) and step in value:
        return constant(value[step])
    if isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
        return constant(value[step])
    return Missing()


def select_all(value: Value, steps: tuple[Step, ...]) -> Value:
    """The value at the end of the steps."""
    for step in steps:
        value = select(value, step)
    return value


def written(document: Value, place: Place, value: Value) -> Value:
    """The document with a value at a place. Missing objects in between are created."""
    if not place:
        return value
    key = place[0]
    if isinstance(document, New):
        document = document.value
    inner: Value
    if len(place) == 1:
        inner = value
    else:
        found = select(document, key)
        inner = written(EMPTY if isinstance(found, Missing) else _definite(found), place[1:], value)
    if isinstance(document, Record):
        return Record(document.base, {**document.members, key: inner})
    if isinstance(document, Optional):
        document = document.value
    return Record(None if isinstance(document, Missing) else document, {key: inner})


def _definite(value: Value) -> Value:
    return value.value if isinstance(value, Optional) else value


def references(value: Value) -> Iterator[Reference]:
    """The references in a value that has no expressions."""
    match value:
        case Reference():
            yield value
        case Optional(inner) | New(inner):
            yield from references(inner)
        case Record(base, members):
            if base is not None:
                yield from references(base)
            for member in members.values():
                yield from references(member)
        case Sequence(items):
            for item in items:
                yield from references(item)
        case _:
            pass


def replaced(value: Value, replace: Callable[[Reference], Value]) -> Value:
    """The value with other values for its references."""
    match value:
        case Reference():
            return replace(value)
        case Optional(inner):
            found = replace(inner)
            return Optional(found) if isinstance(found, Reference) else found
        case New(inner, name, spread):
            return New(replaced(inner, replace), name, spread)
        case Record(base, members):
            return Record(
                None if base is None else replaced(base, replace),
                {key: replaced(member, replace) for key, member in members.items()},
            )
        case Sequence(items):
            return Sequence(tuple(replaced(item, replace) for item in items))
        case _:
            return value


# Values as text


def template(value: Value) -> JSON:
    """The value as a JSONata state's field: JSON in which strings `{% … %}` are expressions."""
    match value:
        case New(inner):
            return template(inner)
        case Constant(found):
            return _as_literal(found)
        case Record(None, members) if not any(isinstance(member, Optional | Missing) for member in members.values()):
            return {key: template(member) for key, member in members.items()}
        case Sequence(items):
            return [template(item) for item in items]
        case _:
            return f"{{% {expression(value)} %}}"


def _as_literal(value: JSON) -> JSON:
    match value:
        case str() if value.startswith("{%") and value.endswith("%}"):
            return f"{{% {text_literal(value)} %}}"
        case list():
            return [_as_literal(item) for item in value]
        case dict():
            return {key: _as_literal(item) for key, item in value.items()}
        case _:
            return value


def expression(value: Value) -> str:
    """The value as a JSONata expression."""
    match value:
        case New(inner) | Optional(inner):
            return expression(inner)
        case Computed(text):
            return text
        case Reference(root, steps):
            text = root
            for step in steps:
                text = _stepped(text, step)
            return text
        case Constant(found):
            return literal(found)
        case Missing():
            return "{}.missing"
        case Record(base, members):
            pairs = ", ".join(
                f"{text_literal(key)}: {expression(member)}"
                for key, member in members.items()
                if not isinstance(member, Missing)
            )
            made = f"{{{pairs}}}"
            if base is None:
                return made
            return f"$merge([{expression(base)}, {made}])" if members else expression(base)
        case Sequence(items):
            return f"[{', '.join(map(expression, items))}]"


def operand(value: Value) -> str:
    """The value as an expression that can be an operand of any operator."""
    match value:
        case New(inner) | Optional(inner):
            return operand(inner)
        case Computed():
            return _operand(value)
        case Constant(found) if isinstance(found, int | float) and not isinstance(found, bool) and found < 0:
            return f"({literal(found)})"
        case _:
            return expression(value)


def _operand(value: Computed) -> str:
    return value.text if value.is_atom else f"({value.text})"


def _stepped(text: str, step: Step) -> str:
    if isinstance(step, int):
        return f"{text}[{step}]"
    if _NAME.fullmatch(step) and step not in _WORDS:
        return f"{text}.{step}"
    return f"{text}.`{step}`" if "`" not in step else f"{text}.{text_literal(step)}"


def literal(value: JSON) -> str:
    """A JSON value as JSONata."""
    match value:
        case str():
            return text_literal(value)
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case dict():
            return f"{{{', '.join(f'{text_literal(key)}: {literal(item)}' for key, item in value.items())}}}"
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case _:
            return repr(value)


def text_literal(text: str) -> str:
    """A string as JSONata. Substitutions such as `${Table}` stay as they are, because a template replaces them."""
    return quoted(text).replace("\\u0024{", "${")
