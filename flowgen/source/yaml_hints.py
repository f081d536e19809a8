"""Explains in plain words how YAML reads text that was meant differently, and what to write instead.

In: an error of the YAML parser, or a scalar and the text after it. Out: messages. Never: nodes or diagnostics.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flowgen.types.foreign_names import in_our_notation

_MEANINGS = "`: `, ` #`, commas, brackets and braces are YAML syntax"
_QUOTES = f"put the string in quotes: {_MEANINGS}"

NEVER_CLOSED = "never closed"
_COMPLAINTS: tuple[tuple[str, str, str | None], ...] = (
    (r"mapping values are not allowed here", "`: ` is not allowed in a string without quotes", _QUOTES),
    (r"found character '\\t' that cannot start any token", "tabs are not allowed for indentation", "use spaces"),
    (r"found character '(.*)' that cannot start any token", "a string without quotes cannot start with {}", _QUOTES),
    (r"sequence entries are not allowed here", "a list cannot start here", "put each `- ` on its own line"),
    (
        r"expected <block end>, but found .*",
        "the indentation of this line does not match the lines around it",
        "indent all keys of a mapping, and all `- ` of a list, by the same number of spaces",
    ),
    (r"mapping keys are not allowed here", "`?` is not allowed here", None),
    (r"expected ',' or '(.)', but got '<stream end>'", f"missing {{}}: the bracket is {NEVER_CLOSED}", None),
    (r"expected ',' or '(.)', but got .*", "missing `,` or {}", None),
    (r"expected the node content, but found '(.)'", "missing value before {}", None),
    (r"could not find expected ':'", "missing `:` after a key", None),
    (
        r"expected a comment or a line break, but found .*",
        "a block string starts on the line after `|` or `>`",
        "put a string that starts with `|` or `>` in quotes",
    ),
    (
        r"expected alphabetic or numeric character, but found .*",
        "an unquoted `&` or `*` is a YAML anchor or alias",
        "put the whole expression in quotes",
    ),
    (r"found unexpected end of stream", f"missing quote: the string is {NEVER_CLOSED}", None),
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A parser error in plain words. `opening`: it concerns the position where a bracket or quote was opened."""

    message: str
    help: str | None
    opening: bool = False
    whole_line: bool = False
    """Whether it concerns the whole line, from its first character."""
    new: tuple[int, int, str] | None = None
    """The fix: start and end in the line, and the text to put there."""


def explained(problem: str, line: str, column: int = 0, above: str = "") -> Explanation:
    r"""An error of ruamel.yaml in plain words.

    The error is at `column` (from 0) of `line`; `above` is the line before.

    >>> explained("mapping values are not allowed here", "cause: no: never").message
    '`: ` is not allowed in a string without quotes'
    """
    too_deep = _too_deep(line, above) if problem == "mapping values are not allowed here" else None
    if too_deep is not None:
        return too_deep
    for pattern, message, help_ in _COMPLAINTS:
        match = re.fullmatch(pattern, problem)
        if match is not None:
            text = message.format(*(f"`{group}`" if group != "`" else "a backquote" for group in match.groups()))
            quoted = _quoted(line, column)
            return Explanation(text, _help(line, quoted) or help_, opening=text.endswith(NEVER_CLOSED), new=quoted)
    return Explanation(problem, None)


_BLOCK_KEY = re.compile(r"""(?P<indent>\s*(?:-\s+)*)(?P<key>[\w.$-]+\??):(?P<value>\s+\S.*|\s*)""")


def _too_deep(line: str, above: str) -> Explanation | None:
    """A key that YAML reads as a continuation of the string in the line above, because it is indented further."""
    here, before = _BLOCK_KEY.fullmatch(line.rstrip()), _BLOCK_KEY.fullmatch(above.rstrip())
    if here is None or before is None or not before["value"].strip() or before["value"].strip()[0] in "|>&*!{['\"":
        return None
    wanted, found = len(before["indent"]), len(here["indent"])
    if found <= wanted:
        return None
    return Explanation(
        f"`{here['key']}` is indented further than `{before['key']}`, which already has a value",
        f"indent it by {wanted} spaces, like `{before['key']}`",
        whole_line=True,
    )


_ENUMERATION = re.compile(r"(?<![\w\])])(?P<list>\[\s*['\"A-Za-z][^\[\]]*\])\s*(?P<more>=\s*(?P<default>[^\s,}]+)|\?)")
"""`[a, b] = a` and `[a, b]?`: a list with a suffix that is allowed only after the name of a type."""


def _help(line: str, quoted: tuple[int, int, str] | None) -> str | None:
    if "${" in line:
        return _QUOTES if quoted is None else f"put the string in quotes, `{quoted[2]}`: {_MEANINGS}"
    enumeration = _ENUMERATION.search(line)
    if enumeration is not None:
        written = f"Kind = {enumeration['default']}" if enumeration["default"] else "Kind?"
        return f"declare the list as a type, `Kind: {enumeration['list']}` under `types`, and write `{written}` here"
    generic = re.search(r"(?<![$.\w])[A-Za-z]\w*[\[<][\w\[\]<>, |.]+[\]>]", line)
    if generic is not None and (ours := in_our_notation(generic[0])) is not None:
        return f'write `"{ours}"`'
    array = re.search(r"(?<![$.\w])[\w<>]+\[(?:[0-9]*\.\.[0-9]*)?\]\??", line)
    if array is not None and "{" in line:
        return f'put the type in quotes inside `{{…}}`: `"{array[0]}"`'
    if re.search(r""":\s+[^'"{\[,\s][^'"{\[,]*[\[{]""", line):
        return _QUOTES
    return None


_KEY = re.compile(r"""\s*(?:-\s+)*(?:[^\s:'"{\[]+\??:\s+)?""")


def _quoted(line: str, column: int) -> tuple[int, int, str] | None:
    """The text with an expression that needs quotes: its start, its end, and the text in quotes.

    It is the value of a block key, or one expression in a flow collection.
    """
    if "${" not in line:
        return None
    start = _KEY.match(line)
    value = "" if start is None else line[start.end() :].rstrip()
    if start is not None and value and value[0] not in "{['\"":
        return start.end(), start.end() + len(value), as_quoted(value)
    opened = line.rfind("${", 0, column + 2)
    closed = _closing(line, opened + 2) if opened >= 0 else -1
    if closed < 0 or line[opened - 1] in "'\"":
        return None
    return opened, closed, as_quoted(line[opened:closed])


def _closing(line: str, at: int) -> int:
    """The offset after the brace that closes the one opened before `at`; -1 if the line has none."""
    depth = 1
    for index, character in enumerate(line[at:], at):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth == 0:
            return index + 1
    return -1


def split_at_comma(before: str, key: str) -> str | None:
    """The text that a `,` split into a value and a key without a value, in quotes; None if the split was intended.

    `before` is the text from the start of the value to the end of the key: `$f(a, b)`.

    >>> split_at_comma("$f(a, b)", "b)"), split_at_comma("1, b", "b")
    ('"$f(a, b)"', None)
    """
    unbalanced = sum({"(": 1, ")": -1}.get(character, 0) for character in key) < 0
    return (
        as_quoted(before) if unbalanced or re.fullmatch(r"[^'\"{\[]*[A-Za-z][^'\"{\[]*,\s+\S.*\s.*", before) else None
    )


_COMMENT = re.compile(r"(?P<space>[ \t]+)(?P<comment>#[^\r\n]*)")


def swallowed(text: str, content: str, end: int) -> tuple[int, int] | None:
    """The start and end of a comment after an unquoted string that may be part of the string, or None.

    A comment is intentional if a space follows its `#` and the string before it is complete.

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
    """A single-line string in quotes that keep all characters literal."""
    if '"' in text and "'" not in text:
        return f"'{text}'"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
