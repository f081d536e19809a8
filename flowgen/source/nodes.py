"""The nodes of a YAML document, as frozen data with positions."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cached_property
from typing import TypeAlias

from flowgen.diagnostics import Position, Span

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"


@dataclass(frozen=True)
class Text:
    """A file's text, and its path as the user wrote it. Converts offsets (code points from 0) to positions."""

    file: str
    content: str = field(repr=False)

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        for offset, character in enumerate(self.content):
            if character == "\n" or (character == "\r" and self.content[offset + 1 : offset + 2] != "\n"):
                starts.append(offset + 1)
        return starts

    @cached_property
    def offsets(self) -> dict[int, list[int]]:
        """A cache: the offsets of the characters of a scalar, by the scalar's start."""
        return {}

    def position(self, offset: int) -> Position:
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1)

    def span(self, start: int, end: int) -> Span:
        return Span(self.file, self.position(start), self.position(max(start, end)))


class Style(Enum):
    """The notation of a scalar, which determines how its characters map to those of the file."""

    PLAIN = auto()
    SINGLE_QUOTED = auto()
    DOUBLE_QUOTED = auto()
    BLOCK = auto()


@dataclass(frozen=True, slots=True)
class Node:
    """What all nodes have: the file's text, and the start and end offsets of the node."""

    origin: Text = field(repr=False, compare=False)
    start: int = field(repr=False, compare=False)
    end: int = field(repr=False, compare=False)

    @property
    def span(self) -> Span:
        return self.origin.span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Scalar(Node):
    """A scalar: `value` as in JSON; `text` as written, without quotes and folding."""

    value: bool | int | float | str | None
    text: str
    style: Style

    def part(self, start: int, end: int) -> Span:
        """The position in the file of the characters from `start` up to `end` of `text`."""
        offsets = self._offsets()
        first = offsets[start] if start < len(offsets) else self.end
        if end <= start:
            return self.origin.span(first, first)
        return self.origin.span(first, offsets[end - 1] + 1 if end <= len(offsets) else self.end)

    def _offsets(self) -> list[int]:
        """For each character of `text`, the offset of the (last) character in the file that represents it."""
        known = self.origin.offsets.get(self.start)
        if known is None:
            known = self.origin.offsets[self.start] = self._find_offsets()
        return known

    def _find_offsets(self) -> list[int]:
        content, at, offsets = self.origin.content, self.start, []
        if self.style in (Style.SINGLE_QUOTED, Style.DOUBLE_QUOTED):
            at += 1
        elif self.style is Style.BLOCK:
            at = content.find("\n", at) + 1
        for character in self.text:
            while self.style is Style.DOUBLE_QUOTED and content[at : at + 2] in _CONTINUATIONS:
                at += 2
                while content[at : at + 1].isspace():
                    at += 1
            if character in " \n\t":
                while at < self.end and content[at] not in " \n\t\r\\":
                    at += 1
                offsets.append(min(at, self.end))
                at += _escape_length(content, at) if self.style is Style.DOUBLE_QUOTED else 1
                continue
            while (at < self.end and content[at] in " \n\t\r") or (
                self.style is Style.DOUBLE_QUOTED and content[at : at + 2] in _CONTINUATIONS
            ):
                at += 1
            offsets.append(min(at, self.end))
            if self.style is Style.DOUBLE_QUOTED:
                at += _escape_length(content, at)
                if character > "\uffff" and at - offsets[-1] == _ESCAPE_LENGTHS["u"]:
                    at += _ESCAPE_LENGTHS["u"]  # the other half of a surrogate pair
            elif self.style is Style.SINGLE_QUOTED and content[at : at + 2] == "''":
                at += 2
            else:
                at += 1
        return offsets


_CONTINUATIONS = ("\\\n", "\\\r")
_ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}


def _escape_length(content: str, at: int) -> int:
    if content[at : at + 1] != "\\":
        return 1
    return _ESCAPE_LENGTHS.get(content[at + 1 : at + 2], 2)


@dataclass(frozen=True, slots=True)
class Sequence(Node):
    """A list of nodes."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a mapping and its value."""

    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping(Node):
    """Entries in the order of the file; keys are unique."""

    entries: tuple[Entry, ...]

    def get(self, name: str) -> Node | None:
        entry = self.entry(name)
        return None if entry is None else entry.value

    def entry(self, name: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.key.text == name), None)


@dataclass(frozen=True, slots=True)
class Tagged(Node):
    """A node under a local tag: `!Ref Table` has the tag `Ref`."""

    tag: str
    value: Node


def kind_of(node: Node) -> str:
    """The kind of a node, for messages: `a list`, `a string`, `a number`."""
    match node:
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
        case Tagged(tag=tag):
            return f"`!{tag}`"
        case Scalar(value=None):
            return "null"
        case Scalar(value=bool()):
            return "a boolean"
        case Scalar(value=int() | float()):
            return "a number"
        case _:
            return "a string"


def plain(node: Node) -> JSON:
    """The JSON value of a node. CloudFormation tags become their long form (`!Ref A` becomes `{"Ref": "A"}`)."""
    match node:
        case Scalar(value=value):
            return value
        case Sequence(items=items):
            return [plain(item) for item in items]
        case Mapping(entries=entries):
            return {entry.key.text: plain(entry.value) for entry in entries}
        case Tagged(tag=tag, value=value):
            return _long_form(tag, plain(value))
        case _:
            raise TypeError(node)


def _long_form(tag: str, value: JSON) -> JSON:
    if tag in ("Ref", "Condition"):
        return {tag: value}
    if tag == "GetAtt" and isinstance(value, str):
        resource, _, attribute = value.partition(".")
        return {"Fn::GetAtt": [resource, attribute]}
    return {f"Fn::{tag}": value}
