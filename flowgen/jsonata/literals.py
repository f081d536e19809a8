"""JSON values and regular expressions as JSONata literals."""

from __future__ import annotations

import json
import re
from typing import Any


def quoted(text: str) -> str:
    r"""A JSONata string literal.

    >>> print(quoted("it's"), quoted('say "no"'), quoted("${x}"))
    "it's" 'say "no"' '\u0024{x}'
    """
    quote = '"' if "'" in text and '"' not in text else "'"
    escapes = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", quote: _unicode(quote)}
    made = "".join(
        escapes.get(character) or (character if character.isprintable() else _unicode(character)) for character in text
    )
    for sequence in ("${", "{%", "%}"):
        made = made.replace(sequence, _unicode(sequence[0]) + sequence[1])
    return f"{quote}{made}{quote}"


def literal(value: Any) -> str:
    """A JSON value as JSONata.

    >>> literal({"a": [1, "b", None]})
    "{'a': [1, 'b', null]}"
    """
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{quoted(key)}: {literal(item)}' for key, item in value.items())}}}"
    return json.dumps(value)


_BACKSLASH, _DOLLAR, _PERCENT = r"\x5c", r"\x24", r"\x25"
_GROUPS = re.compile(r"\((?!\?)|\(\?[:=!]")
"""The groups that every JavaScript engine knows."""
_REPEATED = re.compile(r"\{[0-9]+(?:,[0-9]*)?\}")


def regex(pattern: str) -> str | None:
    r"""An ECMAScript pattern as a JSONata regular expression; None if it means something else there.

    JSONata has no flag `u`, so it has no `\p{…}` and no `\u{…}`. Its tokenizer counts brackets, even those in a class,
    and CloudFormation would read `${…}`.

    >>> print(regex(r"^[(/]\\$"), regex(r"\p{L}"))
    /^[\(\/]\x5c$/ None
    """
    made: list[str] = []
    in_class, at = False, 0
    while at < len(pattern):
        char, following = pattern[at], pattern[at + 1 : at + 2]
        at += 1
        if char == "\\":
            at += 1
            if following in ("", "p", "P", "k") or (following == "u" and pattern[at : at + 1] == "{"):
                return None
            made.append({"\\": _BACKSLASH, "$": _DOLLAR, "%": _PERCENT}.get(following, char + following))
        elif not in_class and (repeated := _REPEATED.match(pattern, at - 1)):
            made.append(repeated[0])
            at = repeated.end()
        elif char in "/{}" or (in_class and char in "([)"):
            made.append("\\" + char)
        elif char == "%" or (in_class and char == "$"):
            made.append(_PERCENT if char == "%" else _DOLLAR)
        elif not char.isprintable():
            made.append(_unicode(char))
        elif (char == "$" and following == "{") or (
            char == "(" and not in_class and not _GROUPS.match(pattern, at - 1)
        ):
            return None
        else:
            in_class = char != "]" if in_class or char == "[" else False
            made.append(char)
    return f"/{''.join(made) or '(?:)'}/"


def _unicode(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{int.from_bytes(units[at : at + 2], 'big'):04x}" for at in range(0, len(units), 2))
