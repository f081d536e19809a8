"""A JSON parser that records positions, so that problems can be shown in the text."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from flowgen.asl.json_text import fraction, whole_number

# The service's parser (Jackson) allows a thousand levels; valid definitions need a few dozen.
MAX_DEPTH = 200

_BLANKS = re.compile(r"[ \t\n\r]*")
_TOKEN = re.compile(r"[A-Za-z_$][\w$]*")
_EXPECTED = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON value, the offsets of its parts by JSON pointer, and its duplicate keys.

    The offset of a member is that of its key; other offsets are those of the values. The last of several duplicate keys
    counts, and `duplicates` has (pointer, offset) of all except the first.
    """

    value: Any
    offsets: dict[str, int]
    duplicates: tuple[tuple[str, int], ...]


class JsonSyntaxError(Exception):
    """Invalid JSON; the error is at the offsets from `start` up to `end`."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end


def escaped(key: str) -> str:
    """A key as a step of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """The line and column of an offset, from 1."""
    start_of_line = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - start_of_line + 1


def read(text: str) -> Document:
    """Parses a JSON text. Raises JsonSyntaxError."""
    reader = _Reader(text)
    value = reader.value("", 0)
    reader.skip()
    if reader.position < len(text):
        reader.fail()
    return Document(value, reader.offsets, tuple(reader.duplicates))


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.offsets: dict[str, int] = {}
        self.duplicates: list[tuple[str, int]] = []
        self.decoder = json.JSONDecoder(
            parse_constant=self.fail_at_constant, parse_int=whole_number, parse_float=fraction
        )

    def fail_at_constant(self, _: str) -> NoReturn:
        self.fail()

    def fail(self) -> NoReturn:
        start = self.position
        if start >= len(self.text):
            raise JsonSyntaxError("Unexpected end-of-input", start, start)
        if token := _TOKEN.match(self.text, start):
            message = f"Unrecognized token '{token.group()}': was expecting {_EXPECTED}"
            raise JsonSyntaxError(message, start, token.end())
        character = self.text[start]
        raise JsonSyntaxError(f"Unexpected character ('{character}' (code {ord(character)}))", start, start + 1)

    def skip(self) -> str:
        match = _BLANKS.match(self.text, self.position)
        self.position = match.end() if match else self.position
        return self.text[self.position : self.position + 1]

    def value(self, pointer: str, depth: int) -> Any:
        first = self.skip()
        self.offsets.setdefault(pointer, self.position)
        if first in {"{", "["}:
            if depth >= MAX_DEPTH:
                raise JsonSyntaxError(
                    f"The document is nested more than {MAX_DEPTH} deep", self.position, self.position
                )
            self.position += 1
            return self.members(pointer, depth) if first == "{" else self.items(pointer, depth)
        return self.scalar()

    def scalar(self) -> Any:
        try:
            value, self.position = self.decoder.raw_decode(self.text, self.position)
        except json.JSONDecodeError as error:
            if error.msg == "Expecting value":
                self.fail()
            raise JsonSyntaxError(error.msg, error.pos, error.pos + 1) from None
        except ValueError as error:  # a number that no double holds
            raise JsonSyntaxError(str(error), self.position, self.position + 1) from None
        return value

    def members(self, pointer: str, depth: int) -> dict[str, Any]:
        members: dict[str, Any] = {}
        character = self.skip()
        if character == "}":
            self.position += 1
            return members
        while True:
            if self.skip() != '"':
                self.fail()
            start = self.position
            key = self.scalar()
            place = f"{pointer}/{escaped(key)}"
            if key in members:
                self.duplicates.append((place, start))
            self.offsets[place] = start
            if self.skip() != ":":
                self.fail()
            self.position += 1
            members[key] = self.value(place, depth + 1)
            if self.after_item("}"):
                return members

    def items(self, pointer: str, depth: int) -> list[Any]:
        items: list[Any] = []
        if self.skip() == "]":
            self.position += 1
            return items
        while True:
            items.append(self.value(f"{pointer}/{len(items)}", depth + 1))
            if self.after_item("]"):
                return items

    def after_item(self, closing: str) -> bool:
        character = self.skip()
        if character not in {",", closing}:
            self.fail()
        self.position += 1
        return character == closing
