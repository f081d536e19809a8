"""YAML text in the style of flowgen's documentation: block style, and flow style for short mappings and lists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flowgen.importing.expressions import Tag

_WIDTH = 100
_PLAIN = re.compile(r"[A-Za-z_/$.(][^\n\t\r\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]*")
_TYPED = re.compile(
    r"(?i)(true|false|null|yes|no|on|off|y|n|~|[-+]?[\d.][\d_.eE+-]*|0x[\da-f]+|0o[0-7]+|[-+]?\.(inf|nan)|<<|=)"
)
_ALWAYS_BLOCK = frozenset({"steps", "cases", "parallel", "switch", "catch", "else"})


def yaml_text(document: Mapping[str, Any]) -> str:
    """A mapping as YAML; the same mapping is always the same text."""
    lines: list[str] = []
    for key, value in document.items():
        if lines and isinstance(value, list | dict) and value and key not in ("input", "output"):
            pass
        _entry(_key(key), value, "", lines, block=key in _ALWAYS_BLOCK)
    return "\n".join(lines) + "\n"


def _entry(head: str, value: Any, indent: str, lines: list[str], *, block: bool = False) -> None:
    """A key with its value."""
    if isinstance(value, dict | list) and value and (block or not _fits(head, value, indent)):
        lines.append(f"{indent}{head}:")
        _block(value, indent + "  ", lines)
    elif isinstance(value, str) and "\n" in value:
        _text_block(f"{indent}{head}:", value, indent, lines)
    else:
        lines.append(f"{indent}{head}: {_flow(value, inside=False)}")


def _text_block(head: str, value: str, indent: str, lines: list[str]) -> None:
    body = value.removesuffix("\n")
    rows = body.split("\n")
    printable = all(row == row.rstrip() and _printable(row) for row in rows) and not body.endswith("\n")
    if not printable or not rows[0] or rows[0].startswith(" "):
        lines.append(f"{head} {_quoted(value)}")
        return
    lines.append(f"{head} |{'' if value.endswith(chr(10)) else '-'}")
    lines += [f"{indent}  {row}" if row else "" for row in rows]


def _printable(row: str) -> bool:
    return all(character.isprintable() for character in row)


def _block(value: Any, indent: str, lines: list[str]) -> None:
    if isinstance(value, dict):
        for key, one in value.items():
            _entry(_key(key), one, indent, lines, block=key in _ALWAYS_BLOCK)
        return
    for item in value:
        if isinstance(item, dict | list) and item and (_is_step(item) or not _fits("-", item, indent)):
            at = len(lines)
            _block(item, indent + "  ", lines)
            lines[at] = f"{indent}- {lines[at][len(indent) + 2 :]}"
        else:
            lines.append(f"{indent}- {_flow(item, inside=False)}")


def _is_step(item: Mapping[str, Any] | list[Any]) -> bool:
    return "id" in item or "errors" in item or "when" in item


def _fits(head: str, value: Any, indent: str) -> bool:
    """Whether a collection is short enough for one line, and only has scalars or small collections."""
    if _depth(value) > 2 or _has_lines(value):  # noqa: PLR2004 - a mapping of short mappings
        return False
    return len(indent) + len(head) + 2 + len(_flow(value, inside=False)) <= _WIDTH


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        if any(key in _ALWAYS_BLOCK for key in value):
            return 99
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


def _has_lines(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_lines, value.values()))
    if isinstance(value, list):
        return any(map(_has_lines, value))
    return isinstance(value, str) and "\n" in value


def _flow(value: Any, *, inside: bool) -> str:
    """A value on one line. Inside a flow collection, more strings need quotes."""
    match value:
        case dict():
            return "{" + ", ".join(f"{_key(key)}: {_flow(one, inside=True)}" for key, one in value.items()) + "}"
        case list():
            return "[" + ", ".join(_flow(one, inside=True) for one in value) + "]"
        case Tag(name=name, value=text):
            return f"!{name} {_scalar(text, inside=inside)}"
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return _scalar(value, inside=inside)
        case _:
            return repr(value)


def _key(key: Any) -> str:
    """A key; the cases of a `match` also have numbers, booleans and null as keys."""
    return _flow(key, inside=True)


def _scalar(text: str, *, inside: bool) -> str:
    special = ": " in text or " #" in text or text.endswith((":", " ")) or not _printable(text)
    special = special or (inside and any(character in text for character in "{}[],"))
    special = special or (inside and ":" in text and not _PLAIN.match(text))
    if not special and _PLAIN.fullmatch(text) and not _TYPED.fullmatch(text):
        return text
    if not special and re.fullmatch(r"\d[\w.-]*[A-Za-z]|\d+ \w+", text) and not _TYPED.fullmatch(text):
        return text
    return _quoted(text)


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _quoted(text: str) -> str:
    made = []
    for character in text:
        if character in _ESCAPES:
            made.append(_ESCAPES[character])
        elif character.isprintable():
            made.append(character)
        else:
            code = ord(character)
            made.append(f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}")  # noqa: PLR2004 - YAML's three lengths
    return f'"{"".join(made)}"'
