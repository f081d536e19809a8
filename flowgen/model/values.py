"""Values: JSON whose strings may contain expressions. Read from a node once, with the place of every character."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, TypeAlias, assert_never

from flowgen.diagnostics import Fix, Span, replacing
from flowgen.jsonata.parsing import Syntax, SyntaxFailure
from flowgen.model.accepts import SCALAR, Named, ref
from flowgen.model.element import Read, Reading, labelled
from flowgen.source import Mapping, Node, Scalar, Sequence, Tagged, kind_of
from flowgen.source.yaml_hints import as_quoted


@dataclass(frozen=True, slots=True)
class Expression:
    """A JSONata expression, and where in its scalar it starts."""

    text: str
    node: Scalar
    offset: int
    syntax: Syntax

    def span(self, start: int, end: int) -> Span:
        """The span of the characters `start` to `end` (exclusive) of the expression."""
        return self.node.part(self.offset + start, self.offset + end)


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal scalar."""

    value: bool | int | float | str | None
    node: Scalar


@dataclass(frozen=True, slots=True)
class Interpolation:
    """A string that contains expressions."""

    parts: tuple[str | Expression, ...]
    node: Scalar


@dataclass(frozen=True, slots=True)
class ListValue:
    """A list of values."""

    items: tuple[Value, ...]
    node: Sequence


@dataclass(frozen=True, slots=True)
class Member:
    """A key of an object; an optional key is omitted if its expression is undefined, or null if `nullable`."""

    key: str
    optional: bool
    value: Value
    node: Scalar
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class ObjectValue:
    """An object."""

    members: tuple[Member, ...]
    node: Mapping


@dataclass(frozen=True, slots=True)
class Intrinsic:
    """A CloudFormation intrinsic function, such as `!Ref Table`: its value is known when the stack is deployed."""

    tag: str
    node: Tagged


Value: TypeAlias = Expression | Literal | Interpolation | ListValue | ObjectValue | Intrinsic
VALUES = (Expression, Literal, Interpolation, ListValue, ObjectValue, Intrinsic)


def expressions_in(value: Value) -> Iterator[Expression]:
    """Every expression of a value, in the order of the file."""
    match value:
        case Expression():
            yield value
        case Interpolation(parts=parts):
            yield from (part for part in parts if isinstance(part, Expression))
        case ListValue(items=items):
            for item in items:
                yield from expressions_in(item)
        case ObjectValue(members=members):
            for member in members:
                yield from expressions_in(member.value)
        case Literal() | Intrinsic():
            pass
        case _:
            assert_never(value)


def intrinsics_in(value: Value) -> Iterator[Intrinsic]:
    """Every CloudFormation intrinsic function of a value."""
    match value:
        case Intrinsic():
            yield value
        case ListValue(items=items):
            for item in items:
                yield from intrinsics_in(item)
        case ObjectValue(members=members):
            for member in members:
                yield from intrinsics_in(member.value)
        case Literal() | Expression() | Interpolation():
            pass
        case _:
            assert_never(value)


def read_value(node: Node, reading: Reading) -> Value:
    """The value of a node (FG102, FG110, FG403)."""
    match node:
        case Scalar(value=str()):
            return _text(node, reading)
        case Scalar(value=value):
            return Literal(value, node)
        case Sequence(items=items):
            return ListValue(tuple(read_value(item, reading) for item in items), node)
        case Mapping():
            return ObjectValue(tuple(_members(node, reading)), node)
        case Tagged(tag=tag):
            return Intrinsic(tag, node)
        case _:
            raise TypeError(node)


def read_request(node: Node, reading: Reading) -> Value:
    """The value of a request that does not allow null: its optional keys are omitted for null, too."""
    return _nullable(read_value(node, reading))


def _nullable(value: Value) -> Value:
    match value:
        case ListValue(items=items):
            return replace(value, items=tuple(_nullable(item) for item in items))
        case ObjectValue(members=members):
            changed = (replace(member, value=_nullable(member.value), nullable=member.optional) for member in members)
            return replace(value, members=tuple(changed))
        case _:
            return value


def _members(node: Mapping, reading: Reading) -> Iterator[Member]:
    seen: dict[str, Scalar] = {}
    for entry in node.entries:
        optional = entry.key.text.endswith("?") and len(entry.key.text) > 1
        key = entry.key.text.removesuffix("?") if optional else entry.key.text
        first = seen.setdefault(key, entry.key)
        if first is not entry.key:
            raise reading.refuse(
                "FG002",
                f"duplicate key `{key}` in this mapping",
                entry.key,
                label="again here",
                secondary=labelled(first, "first here"),
            )
        value = read_value(entry.value, reading)
        if optional and not isinstance(value, Expression):
            raise reading.refuse(
                "FG102",
                f"`{entry.key.text}` is omitted if its expression is undefined, but its value is not an expression",
                entry.value,
                help=f"write `{key}` without `?`",
                fix=replacing(entry.key.span, key),
            )
        yield Member(key, optional, value, entry.key)


def read_expression(node: Node, reading: Reading) -> Expression:
    """An expression in a place for expressions only, where `${ }` is optional."""
    if not isinstance(node, Scalar):
        raise reading.refuse("FG102", f"expected an expression, found {kind_of(node)}", node)
    if "${" in node.text:
        value = _text(node, reading)
        if isinstance(value, Expression):
            return value
        raise reading.refuse(
            "FG102",
            "expected an expression, found a string with expressions in it",
            node,
            help="remove all `${ }`",
        )
    return _expression(node, 0, len(node.text), reading)


def _text(node: Scalar, reading: Reading) -> Expression | Literal | Interpolation:
    text = node.text
    bare = text.strip()
    if bare.startswith("{%") or bare.endswith("%}"):
        raise reading.refuse(
            "FG403",
            "Step Functions would evaluate this string as an expression",
            node,
            help=f"write `{_braced(bare)}`; to send the string unchanged, write `${{ '{{' & '% … %' & '}}' }}`",
        )
    parts = list(_split(node, reading))
    if not any(isinstance(part, Expression) for part in parts):
        return Literal("".join(str(part) for part in parts), node)
    significant = [part for part in parts if not (isinstance(part, str) and not part.strip())]
    if len(significant) == 1 and isinstance(significant[0], Expression):
        return significant[0]
    return Interpolation(tuple(parts), node)


def _braced(text: str) -> str:
    """Converts the expression delimiters of Amazon States Language to `${ }`."""
    inside = text.removeprefix("{%").removesuffix("%}").strip().replace("$states.input", "$input")
    inside = inside.replace("$states.context", "$context").replace("$states.errorOutput", "$error")
    return as_quoted(f"${{ {inside} }}") if inside and "\n" not in inside else "${ … }"


def _split(node: Scalar, reading: Reading) -> Iterator[str | Expression]:
    text, at = node.text, 0
    plain: list[str] = []
    while (mark := text.find("${", at)) >= 0:
        if text.startswith("$", mark - 1) and mark > at:
            plain += (text[at : mark - 1], "${")
            at = mark + 2
            continue
        plain.append(text[at:mark])
        end = _closing(text, mark + 2)
        if text.startswith("${{", mark) and text.startswith("}}", end - 1 if end > 0 else mark):
            raise reading.refuse(
                "FG110",
                "`${{ … }}` is the expression syntax of GitHub Actions",
                node.part(mark, end + 1),
                help="write `${ … }`",
                fix=Fix.replace(node.part(mark, end + 1), f"${text[mark + 2 : end]}"),
            )
        if end < 0:
            raise reading.refuse(
                "FG110",
                "this expression has no closing brace",
                node.part(mark, len(text)),
                label="opened here",
                help="for a literal `${`, write `$${`",
            )
        if any(plain):
            yield "".join(plain)
        plain = []
        yield _expression(node, mark + 2, end, reading)
        at = end + 1
    plain.append(text[at:])
    if any(plain):
        yield "".join(plain)


def _expression(node: Scalar, start: int, end: int, reading: Reading) -> Expression:
    text = node.text[start:end]
    syntax = reading.expressions.parse(text)
    if isinstance(syntax, SyntaxFailure):
        where = node.part(start + syntax.start, start + syntax.end)
        fix = None if syntax.new is None else Fix.replace(where, syntax.new)
        raise reading.refuse("FG110", syntax.message, where, help=syntax.help, fix=fix)
    return Expression(text, node, start, syntax)


def _closing(text: str, at: int) -> int:
    """The offset of the brace that closes the expression which starts at `at`; -1 if there is none.

    Braces nest; those in strings, quoted names, comments and regular expressions do not count.
    """
    depth, previous = 0, ""
    while at < len(text):
        character = text[at]
        if character in "\"'`":
            at = _end_of_string(text, at)
            previous = character
            continue
        if text.startswith("/*", at):
            end = text.find("*/", at + 2)
            at = len(text) if end < 0 else end + 2
            continue
        if character == "/" and previous in _BEFORE_REGEX:
            at = _end_of_regex(text, at)
            previous = "/"
            continue
        if character == "{":
            depth += 1
        elif character == "}":
            if depth == 0:
                return at
            depth -= 1
        if not character.isspace():
            previous = character
        at += 1
    return -1


_BEFORE_REGEX = ("", *"(,[{=<>&|?:;~+-*^!")
"""A slash after one of these is not a division: it starts a regular expression."""


def _end_of_string(text: str, at: int) -> int:
    quote, at = text[at], at + 1
    while at < len(text) and text[at] != quote:
        at += 2 if text[at] == "\\" and quote != "`" else 1
    return at + 1


def _end_of_regex(text: str, at: int) -> int:
    at, depth = at + 1, 0
    while at < len(text) and not (text[at] == "/" and depth == 0):
        if text[at] == "\\":
            at += 2
            continue
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(text[at], 0)
        at += 1
    return at + 1


VALUE = ref(
    Named(
        "value",
        {
            "description": "Any value. `${ … }` in a string is a JSONata expression; CloudFormation tags are allowed.",
            # All types: without a type, an editor does not insert a colon after the key.
            "type": ["string", "object", "array", "number", "boolean", "null"],
        },
    )
)
EXPRESSION = ref(
    Named(
        "expression",
        {
            "description": "A JSONata expression; the enclosing `${ }` is optional.",
            "type": SCALAR,
            "errorMessage": "expected an expression",
        },
    )
)

ValueField = Annotated[Value, Read(read_value, accepts=VALUE)]
RequestField = Annotated[Value, Read(read_request, accepts=VALUE)]
ExpressionField = Annotated[Expression, Read(read_expression, accepts=EXPRESSION)]
