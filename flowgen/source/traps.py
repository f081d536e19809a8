"""What YAML makes of texts that were not meant for it: told in plain words, with the form that helps.

In: a reader's complaint, or a scalar and what follows it. Out: what to say. Never: a node or a diagnostic.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_QUOTES = "put the text in quotes: `: `, ` #`, `,`, brackets and braces have a meaning in YAML"

NEVER_CLOSED = "what starts here is never closed"
_COMPLAINTS: tuple[tuple[str, str, str | None], ...] = (
    (r"mapping values are not allowed here", "a `: ` can't stand in a text without quotes", _QUOTES),
    (r"found character '\\t' that cannot start any token", "a tab can't stand here", "indent with spaces"),
    (r"found character '(.*)' that cannot start any token", "a text without quotes can't start with {}", _QUOTES),
    (r"sequence entries are not allowed here", "a list can't start here", "give each `- ` a line of its own"),
    (r"expected <block end>, but found .*", "this is not indented as the lines that it stands among are", None),
    (r"expected ',' or '(.)', but got '<stream end>'", f"a {{}} is missing: {NEVER_CLOSED}", None),
    (r"expected ',' or '(.)', but got .*", "a `,` or {} is missing here", None),
    (r"expected the node content, but found '(.)'", "a value is missing before {}", None),
    (r"could not find expected ':'", "a `:` is missing: this is no key, and not part of the text above", None),
    (r"found unexpected end of stream", f"a quote is missing: {NEVER_CLOSED}", None),
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a complaint of the reader means, what may help, and whether it is about where something was opened."""

    message: str
    help: str | None
    opening: bool = False


def explained(problem: str, line: str) -> Explanation:
    r"""A complaint of ruamel.yaml's in plain words; `line` is the line of the text that it points at.

    >>> explained("mapping values are not allowed here", "cause: no: never").message
    "a `: ` can't stand in a text without quotes"
    """
    for pattern, message, help_ in _COMPLAINTS:
        match = re.fullmatch(pattern, problem)
        if match is not None:
            told = message.format(*(f"`{group}`" if group != "`" else "a backquote" for group in match.groups()))
            return Explanation(told, _help(line) or help_, opening=told.endswith(NEVER_CLOSED))
    return Explanation(problem, None)


def _help(line: str) -> str | None:
    if "${" in line:
        return _QUOTES
    if re.search(r"\w\[[0-9.]*\]", line) and "{" in line:
        return 'within `{…}` a type such as `Line[]` needs quotes: `"Line[]"`'
    return None


_COMMENT = re.compile(r"(?P<space>[ \t]+)(?P<comment>#[^\r\n]*)")


def swallowed(text: str, content: str, end: int) -> tuple[int, int] | None:
    """Where the comment stands that follows an unquoted text and could be its end, or None.

    A comment is one without doubt when a space follows its `#` and the text before it is whole.

    >>> swallowed("Order", "Order #${ $input.id }", 5), swallowed("Order", "Order # of the day", 5)
    ((6, 21), None)
    """
    match = _COMMENT.match(content, end)
    if match is None:
        return None
    comment = match["comment"]
    unclosed = text.rfind("${") > text.rfind("}")
    continued = re.match(r"#(?![\s#!]|flowgen:|$)", comment) or ("${" in comment and len(match["space"]) == 1)
    return match.span("comment") if unclosed or continued else None


def as_quoted(text: str) -> str:
    """A text of one line in quotes, in which all characters stand for themselves."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
