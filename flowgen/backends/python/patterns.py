r"""Patterns of JSON Schema, which are regular expressions of ECMA-262, as patterns of pydantic or Python.

Patterns should follow ECMA-262 with the flag `u` (JSON Schema Core 2020-12, 6.4). There, `\d` and `\w` mean ASCII, `$`
is the end of the text, and `\p{…}` names a property of Unicode.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic_core import SchemaError, SchemaValidator, core_schema

_SPACE = r"\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_SETS = {
    "d": "0-9",
    "w": "0-9A-Z_a-z",
    "s": _SPACE,
    "D": "\\x00-/:-\U0010ffff",
    "W": "\\x00-/:-@\\[-\\^`\\{-\U0010ffff",
    "S": (
        "\\x00-\\x08\\x0e-\\x1f!-\\x9f\\u00a1-\\u167f\\u1681-\\u1fff\\u200b-\\u2027\\u202a-\\u202e\\u2030-\\u205e"
        "\\u2060-\\u2fff\\u3001-\\ufefe\\uff00-\U0010ffff"
    ),
}
_CONTROLS = frozenset("tnrvf")
_QUANTIFIER = re.compile(r"\{\d+(?:,\d*)?\}")
_NAMED = re.compile(r"\(\?<([A-Za-z_]\w*)>")
_CODE = re.compile(r"u\{([0-9A-Fa-f]+)\}|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})")
_LOW_SURROGATE = re.compile(r"\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})")
_HIGH_SURROGATES = range(0xD800, 0xDC00)
_LAST_BYTE = 0xFF
_SPECIAL = frozenset(r"\^$.|?*+()[]{}")
_SPECIAL_IN_CLASS = frozenset(r"\]^[-&~")


class UnknownPatternError(ValueError):
    """A pattern that an engine cannot express."""


def translated(pattern: str) -> str | None:
    r"""The pattern for pydantic's engine, or, if that cannot express it, for Python's; None if neither can.

    No pattern for Python can be mistaken for one of pydantic with another meaning.

    >>> translated(r"^\d{4}$"), translated(r"^(?=a)a$")
    ('^[0-9]{4}$', '^(?=a)a\\Z')
    """
    for rust in (True, False):
        try:
            made = "".join(_Reader(pattern, rust=rust).parts())
            if rust:
                SchemaValidator(core_schema.str_schema(pattern=made))
            else:
                re.compile(made)
        except (UnknownPatternError, SchemaError, re.error, OverflowError, RecursionError, IndexError):
            continue
        return made
    return None


def is_simple(translation: str) -> bool:
    """Whether pydantic's own engine can match a translated pattern."""
    try:
        SchemaValidator(core_schema.str_schema(pattern=translation))
    except SchemaError:
        return False
    return True


class _Reader:
    """Translates a pattern from its start to its end. Raises UnknownPatternError or IndexError."""

    def __init__(self, pattern: str, *, rust: bool) -> None:
        self.pattern, self.rust, self.at = pattern, rust, 0

    def parts(self) -> Iterator[str]:
        while self.at < len(self.pattern):
            yield self.part()

    def part(self) -> str:
        named = _NAMED.match(self.pattern, self.at)
        quantifier = _QUANTIFIER.match(self.pattern, self.at)
        if named is not None:
            self.at = named.end()
            return f"(?P<{named[1]}>"
        if quantifier is not None:
            self.at = quantifier.end()
            return quantifier[0]
        match self.next():
            case "\\":
                return self.escape()
            case "[":
                return self.group()
            case "$":
                return "$" if self.rust else r"\Z"
            case ".":
                return r"[^\n\r\u2028\u2029]"
            case ("{" | "}" | "]") as character:
                return f"\\{character}"
            case character:
                return character

    def next(self) -> str:
        self.at += 1
        return self.pattern[self.at - 1]

    def escape(self) -> str:
        character = self.pattern[self.at]
        if character in "dwsDWS":
            self.at += 1
            negated = character.isupper()
            return f"[{'^' if negated else ''}{_SETS[character.lower()]}]"
        if character in "bB":
            self.at += 1
            return f"({'?-u' if self.rust else '?a'}:\\{character})"
        if character in "pP":
            return self.property()
        if character == "k" or (character.isdigit() and character != "0"):
            return self.back_reference()
        literal = self.escaped()
        return f"\\{literal}" if literal in _SPECIAL else literal

    def escaped(self) -> str:
        """The character, or the escape of a control character, that an escape stands for."""
        code = _CODE.match(self.pattern, self.at)
        if code is not None:
            self.at = code.end()
            return self.coded(int(code[1] or code[2] or code[3], 16))
        character = self.next()
        if character in _CONTROLS:
            return f"\\{character}"
        if character == "0":
            return r"\x00"
        if character == "c":
            return f"\\x{ord(self.next()) % 32:02x}"
        return character

    def coded(self, code: int) -> str:
        low = _LOW_SURROGATE.match(self.pattern, self.at)
        if low is not None and code in _HIGH_SURROGATES:
            self.at = low.end()
            return bytes.fromhex(f"{code:04x}{low[1]}").decode("utf-16-be")
        try:
            character = chr(code)
            character.encode()
        except (ValueError, OverflowError):
            raise UnknownPatternError("not a character") from None
        return character if character.isprintable() else f"\\x{code:02x}" if code <= _LAST_BYTE else character

    def property(self) -> str:
        end = self.pattern.find("}", self.at)
        if not self.rust or self.pattern[self.at + 1] != "{" or end < 0:
            raise UnknownPatternError("a property of Unicode")
        text = self.pattern[self.at : end + 1]
        self.at = end + 1
        return f"\\{text}"

    def back_reference(self) -> str:
        if self.rust:
            raise UnknownPatternError("a reference to a group")
        name = re.compile(r"k<([A-Za-z_]\w*)>").match(self.pattern, self.at)
        if name is not None:
            self.at = name.end()
            return f"(?P={name[1]})"
        return f"\\{self.next()}"

    def group(self) -> str:
        """A class of characters, after its opening bracket."""
        negated = self.pattern[self.at] == "^"
        self.at += negated
        parts: list[str] = []
        while (character := self.next()) != "]":
            if character != "\\":
                parts.append(character if self.is_range() else _in_class(character))
            elif self.pattern[self.at] in _SETS:
                parts.append(_SETS[self.next()])
            elif self.pattern[self.at] in "pP":
                parts.append(self.property())
            elif self.pattern[self.at] == "b":
                self.at += 1
                parts.append(r"\x08")
            else:
                parts.append(_in_class(self.escaped()))
        if not parts:
            return "(?s:.)" if negated else self.never()
        return f"[{'^' if negated else ''}{''.join(parts)}]"

    def is_range(self) -> bool:
        """Whether the last character is a hyphen between two characters."""
        before = self.pattern[self.at - 2]
        opens = before == "[" or (before == "^" and self.pattern[self.at - 3] == "[")
        return self.pattern[self.at - 1] == "-" and not opens and self.pattern[self.at] != "]"

    def never(self) -> str:
        return "[a&&b]" if self.rust else "(?!)"


def _in_class(character: str) -> str:
    return f"\\{character}" if character in _SPECIAL_IN_CLASS else character
