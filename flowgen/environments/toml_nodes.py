"""Tables of a TOML file as nodes, so that settings and workflow files can share their readers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping as Table
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flowgen.diagnostics import Position, Span
from flowgen.environments.toml_positions import place_of
from flowgen.source import Entry, Mapping, Node, Scalar, Sequence, Style, Tagged, Text


@dataclass(frozen=True)
class Place(Text):
    """A key in a TOML file, whose position is looked up on demand. A value has the position of its key."""

    keys: tuple[str, ...] = ()

    @cached_property
    def _span(self) -> Span:
        start = Position(1, 1)
        paths = (self.keys[:length] for length in range(len(self.keys), 0, -1))
        found = (place_of(self.content, path, self.file) for path in paths)
        return next((span for span in found if span is not None), Span(self.file, start, start))

    def span(self, start: int, end: int) -> Span:
        del start, end
        return self._span


def node_of(value: Any, text: str, file: str, keys: tuple[str, ...]) -> Node:
    """The node of a TOML value, which is at `keys` in a file with this text.

    TOML has no tags: `{Ref = "Topic"}` and `{"Fn::Sub" = "…"}` become `!Ref` and `!Sub`. A date or time becomes a
    string.
    """
    place = Place(file, text, keys)
    match value:
        case dict() if len(value) == 1 and (tag := _tag(next(iter(value)))):
            ((key, inner),) = value.items()
            return Tagged(place, 0, 0, tag, node_of(inner, text, file, (*keys, key)))
        case dict():
            return Mapping(place, 0, 0, tuple(_entries(value, text, file, keys)))
        case list():
            return Sequence(place, 0, 0, tuple(node_of(item, text, file, keys) for item in value))
        case dt.date() | dt.time():
            return Scalar(place, 0, 0, value.isoformat(), value.isoformat(), Style.PLAIN)
        case bool():
            return Scalar(place, 0, 0, value, str(value).lower(), Style.PLAIN)
        case _:
            return Scalar(place, 0, 0, value, str(value), Style.PLAIN)


def _tag(key: str) -> str:
    """The tag of an intrinsic function, or "" if the key is not one."""
    return key if key == "Ref" else key.removeprefix("Fn::") if key.startswith("Fn::") else ""


def _entries(value: Table[str, Any], text: str, file: str, keys: tuple[str, ...]) -> list[Entry]:
    entries = []
    for key, inner in value.items():
        path = (*keys, key)
        name = Scalar(Place(file, text, path), 0, 0, key, key, Style.DOUBLE_QUOTED)
        entries.append(Entry(name, node_of(inner, text, file, path)))
    return entries
