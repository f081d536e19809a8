"""What is known about values, such as a call's arguments, before the workflow runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never

from flowgen.backends.cloudformation.intrinsics import SUBSTITUTED, Intrinsic, arn_of, is_intrinsic, ref
from flowgen.model import Expression, Interpolation, ListValue, Literal, ObjectValue, Value
from flowgen.model import Intrinsic as IntrinsicValue
from flowgen.source import plain


@dataclass(frozen=True, slots=True)
class Known:
    """A string as far as it is known: pieces of text and intrinsic functions.

    If it is not `whole`, more follows that only the running workflow knows.
    """

    parts: tuple[str | Intrinsic, ...] = ()
    whole: bool = True

    @property
    def text(self) -> str | None:
        """The string, if it is whole and contains no intrinsic function."""
        pieces = [part for part in self.parts if isinstance(part, str)]
        return "".join(pieces) if self.whole and len(pieces) == len(self.parts) else None

    @property
    def only(self) -> Intrinsic | None:
        """The intrinsic function, if there is nothing else."""
        match self.parts:
            case [dict() as value] if self.whole:
                return value
            case _:
                return None


UNKNOWN = Known(whole=False)
ANYTHING = Known(("*",))
"""A name that AWS generates during the call."""

Tree: TypeAlias = "Known | list[Tree] | dict[str, Tree]"


def tree_of(value: Value) -> Tree:
    """What is known about a value of the workflow."""
    match value:
        case Literal(value=literal):
            return known_text(literal)
        case IntrinsicValue(node=node):
            return Known((_content(plain(node)),))
        case Expression():
            return _of_expression(value)
        case Interpolation(parts=parts):
            return _joined(parts)
        case ListValue(items=items):
            return [tree_of(item) for item in items]
        case ObjectValue(members=members):
            return {member.key: tree_of(member.value) for member in members}
        case _:
            assert_never(value)


def tree_of_json(value: Any, intrinsics: Sequence[Intrinsic] = ()) -> Tree:
    """What is known about the arguments of a state written in Amazon States Language.

    `intrinsics` are the intrinsic functions among them.
    """
    match value:
        case dict() if value in intrinsics:
            return Known((value,))
        case dict():
            return {
                key.removesuffix(".$"): UNKNOWN if key.endswith(".$") else tree_of_json(item, intrinsics)
                for key, item in value.items()
            }
        case list():
            return [tree_of_json(item, intrinsics) for item in value]
        case str() if value.startswith("{%"):
            return UNKNOWN
        case _:
            return known_text(value)


def known_text(value: Any) -> Known:
    return Known((value if isinstance(value, str) else json.dumps(value),))


_PARAMETER = re.compile(r"\s*\$parameters\.(\w+)\s*")
_RESOURCE = re.compile(r"\s*\$resources\.(\w+)(?:\.(\w+))?\s*")
_STRING = re.compile(r"""\s*(?:'([^'\\]*)'|"([^"\\]*)")\s*""")


def _of_expression(expression: Expression) -> Known:
    """`$parameters.X`, `$resources.X`, `$resources.X.Attr` or a string; anything else is unknown until run time."""
    if found := _PARAMETER.fullmatch(expression.text):
        return Known((ref(found[1]),))
    if found := _RESOURCE.fullmatch(expression.text):
        return Known(({"Fn::GetAtt": [found[1], found[2]]} if found[2] else ref(found[1]),))
    if found := _STRING.fullmatch(expression.text):
        return Known((found[1] or found[2] or "",))
    return UNKNOWN


def _joined(pieces: tuple[str | Expression, ...]) -> Known:
    parts: list[str | Intrinsic] = []
    for piece in pieces:
        inner = Known((piece,)) if isinstance(piece, str) else _of_expression(piece)
        parts += inner.parts
        if not inner.whole:
            return Known(tuple(parts), whole=False)
    return Known(tuple(parts))


def _content(content: Any) -> str | Intrinsic:
    return content if isinstance(content, dict) else known_text(content).parts[0]


def find(tree: Tree, path: str) -> Tree | None:
    """The value at a dotted path of keys, ignoring case; None if there is none."""
    for name in path.split("."):
        if not isinstance(tree, dict):
            return None if isinstance(tree, list) or tree.whole else UNKNOWN
        found = next((key for key in tree if key.lower() == name.lower()), None)
        if found is None:
            return None
        tree = tree[found]
    return tree


_ARN_REFERENCE = re.compile(r"\$\{(\w+)\.Arn\}")


def compose(*parts: str | Intrinsic) -> str | Intrinsic:
    """Joins pieces into one string, in the shortest form that CloudFormation has.

    >>> compose("arn:aws:s3:::", {"Ref": "Inbox"}, "/*")
    {'Fn::Sub': 'arn:aws:s3:::${Inbox}/*'}
    """
    if all(isinstance(part, str) for part in parts):
        return "".join(str(part) for part in parts)
    if len(parts) == 1 and isinstance(parts[0], dict):
        return parts[0]
    text = ""
    variables: dict[str, Intrinsic] = {}
    for part in parts:
        match part:
            case str():
                text += part.replace("${", "${!")
            case {"Ref": str() as name}:
                text += f"${{{name}}}"
            case {"Fn::GetAtt": [str() as name, str() as attribute]}:
                text += f"${{{name}.{attribute}}}"
            case {"Fn::Sub": str() as inner}:
                text += inner
            case _:
                name = f"Value{len(variables) + 1}"
                variables[name] = part
                text += f"${{{name}}}"
    if whole := _ARN_REFERENCE.fullmatch(text):
        return arn_of(whole[1])
    return {"Fn::Sub": [text, variables]} if variables else {"Fn::Sub": text}


def reference_of(value: Value) -> Known:
    """A value that is known when the stack is deployed. Raises TypeError for any other, which is a bug."""
    found = tree_of(value)
    if not isinstance(found, Known):
        raise TypeError(value)
    return found


Resources: TypeAlias = Mapping[str, Mapping[str, Any]]
"""The resources of a template by logical id, with at least their `Type`."""


def type_of(value: Intrinsic | None, resources: Resources) -> str | None:
    """The type of the resource to which a `Ref` refers."""
    name = value.get("Ref") if value else None
    found = resources.get(name) if isinstance(name, str) else None
    return None if found is None else str(found["Type"])


def expanded(parts: Iterable[str | Intrinsic]) -> Iterator[str | Intrinsic]:
    """The parts with `Fn::Sub`, and `Fn::Join` with a known separator, taken apart; adjacent strings joined."""
    text = ""
    for part in (piece for written in parts for piece in _taken_apart(written)):
        if isinstance(part, str):
            text += part
            continue
        if text:
            yield text
            text = ""
        yield part
    if text:
        yield text


def _taken_apart(part: str | Intrinsic) -> Iterator[str | Intrinsic]:
    match part:
        case {"Fn::Sub": str() as text}:
            yield from _of_sub(text, {})
        case {"Fn::Sub": [str() as text, dict() as variables]}:
            yield from _of_sub(text, variables)
        case {"Fn::Join": [str() as separator, list() as items]} if all(map(_is_part, items)):
            for index, item in enumerate(items):
                if index and separator:
                    yield separator
                yield from _taken_apart(item)
        case _:
            yield part


def _is_part(value: object) -> bool:
    return isinstance(value, str) or is_intrinsic(value)


def _of_sub(text: str, variables: dict[str, str | Intrinsic]) -> Iterator[str | Intrinsic]:
    for index, piece in enumerate(SUBSTITUTED.split(text)):
        if index % 2 == 0:
            if piece:
                yield piece.replace("${!", "${")
        elif piece in variables:
            yield from _taken_apart(variables[piece])
        else:
            name, _, attribute = piece.strip().partition(".")
            yield {"Fn::GetAtt": [name, attribute]} if attribute else ref(name)


def property_at(properties: Any, path: str) -> Any:
    """A property of a resource at a dotted path, where numbers are positions in lists; None if there is none."""
    for name in path.split("."):
        match properties:
            case list() if name.isdigit() and int(name) < len(properties):
                properties = properties[int(name)]
            case dict():
                properties = properties.get(name)
            case _:
                return None
    return properties
