"""What YAML makes of texts that were not meant for it: told in plain words, with the form that helps.

In: a reader's complaint, or a scalar and what follows it. Out: what to say. Never: a node or a diagnostic.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flowgen.types.foreign_names import in_our_notation

_MEANINGS = "a `: `, a ` #`, commas, brackets and braces have a meaning in YAML"
_QUOTES = f"put the text in quotes: {_MEANINGS}"

NEVER_CLOSED = "what starts here is never closed"
_COMPLAINTS: tuple[tuple[str, str, str | None], ...] = (
    (r"mapping values are not allowed here", "a `: ` can't stand in a text without quotes", _QUOTES),
    (r"found character '\\t' that cannot start any token", "a tab can't stand here", "indent with spaces"),
    (r"found character '(.*)' that cannot start any token", "a text without quotes can't start with {}", _QUOTES),
    (r"sequence entries are not allowed here", "a list can't start here", "give each `- ` a line of its own"),
    (
        r"expected <block end>, but found .*",
        "the indentation of this line does not match the lines around it",
        "indent the keys of a mapping, and the `- ` of a list, by the same number of spaces",
    ),
    (r"mapping keys are not allowed here", "a `?` is not allowed here", None),
    (r"expected ',' or '(.)', but got '<stream end>'", f"a {{}} is missing: {NEVER_CLOSED}", None),
    (r"expected ',' or '(.)', but got .*", "a `,` or {} is missing here", None),
    (r"expected the node content, but found '(.)'", "a value is missing before {}", None),
    (r"could not find expected ':'", "a `:` is missing: this is no key, and not part of the text above", None),
    (
        r"expected a comment or a line break, but found .*",
        "behind a `|` or `>` a text begins on the next line",
        "a text that starts with `|` or `>` needs quotes",
    ),
    (
        r"expected alphabetic or numeric character, but found .*",
        "a `&` or `*` without quotes stands for a value of another place",
        "an expression with `&` or `*` in it needs quotes as a whole",
    ),
    (r"found unexpected end of stream", f"a quote is missing: {NEVER_CLOSED}", None),
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a complaint of the reader means, what may help, and whether it is about where something was opened."""

    message: str
    help: str | None
    opening: bool = False
    whole_line: bool = False
    """Whether it is about the whole line that the complaint is in, from its first character on."""


def explained(problem: str, line: str, column: int = 0, above: str = "") -> Explanation:
    r"""A complaint of ruamel.yaml's in plain words.

    It points at `column` (from 0) of `line`; `above` is the line before.

    >>> explained("mapping values are not allowed here", "cause: no: never").message
    "a `: ` can't stand in a text without quotes"
    """
    too_deep = _too_deep(line, above) if problem == "mapping values are not allowed here" else None
    if too_deep is not None:
        return too_deep
    for pattern, message, help_ in _COMPLAINTS:
        match = re.fullmatch(pattern, problem)
        if match is not None:
            told = message.format(*(f"`{group}`" if group != "`" else "a backquote" for group in match.groups()))
            return Explanation(told, _help(line, column) or help_, opening=told.endswith(NEVER_CLOSED))
    return Explanation(problem, None)


_BLOCK_KEY = re.compile(r"""(?P<indent>\s*(?:-\s+)*)(?P<key>[\w.$-]+\??):(?P<value>\s+\S.*|\s*)""")


def _too_deep(line: str, above: str) -> Explanation | None:
    """A key that YAML takes for more of the text in the line above, since it is indented deeper."""
    here, before = _BLOCK_KEY.fullmatch(line.rstrip()), _BLOCK_KEY.fullmatch(above.rstrip())
    if here is None or before is None or not before["value"].strip() or before["value"].strip()[0] in "|>&*!{['\"":
        return None
    wanted, found = len(before["indent"]), len(here["indent"])
    if found <= wanted:
        return None
    return Explanation(
        f"`{here['key']}` is indented deeper than `{before['key']}` above, which has a value already",
        f"indent it by {wanted} spaces, as `{before['key']}` is",
        whole_line=True,
    )


_ENUMERATION = re.compile(r"(?<![\w\])])(?P<list>\[\s*['\"A-Za-z][^\[\]]*\])\s*(?P<more>=\s*(?P<default>[^\s,}]+)|\?)")
"""`[a, b] = a` and `[a, b]?`: a list with what only follows the name of a type."""


def _help(line: str, column: int) -> str | None:
    if "${" in line:
        whole = _unquoted(line, column)
        return _QUOTES if whole is None else f"put the text in quotes, `{as_quoted(whole)}`: {_MEANINGS}"
    enumeration = _ENUMERATION.search(line)
    if enumeration is not None:
        written = f"Kind = {enumeration['default']}" if enumeration["default"] else "Kind?"
        return f"declare the list as a type, `Kind: {enumeration['list']}` under `types`, and write `{written}` here"
    generic = re.search(r"(?<![$.\w])[A-Za-z]\w*[\[<][\w\[\]<>, |.]+[\]>]", line)
    if generic is not None and (ours := in_our_notation(generic[0])) is not None:
        return f'write `"{ours}"`'
    array = re.search(r"(?<![$.\w])[\w<>]+\[(?:[0-9]*\.\.[0-9]*)?\]\??", line)
    if array is not None and "{" in line:
        return f'within `{{…}}` a type such as `{array[0]}` needs quotes: `"{array[0]}"`'
    if re.search(r""":\s+[^'"{\[,\s][^'"{\[,]*[\[{]""", line):
        return _QUOTES
    return None


_KEY = re.compile(r"""\s*(?:-\s+)*(?:[^\s:'"{\[]+\??:\s+)?""")


def _unquoted(line: str, column: int) -> str | None:
    """The text that should have been in quotes: what a block's key has, or in a flow collection one expression."""
    start = _KEY.match(line)
    value = "" if start is None else line[start.end() :].rstrip()
    if value and value[0] not in "{['\"":
        return value
    opened = line.rfind("${", 0, column + 2)
    closed = _closing(line, opened + 2) if opened >= 0 else -1
    return line[opened:closed] if closed >= 0 and line[opened - 1] not in "'\"" else None


def _closing(line: str, at: int) -> int:
    """Behind the brace that closes what was opened before `at`; -1 if the line has none."""
    depth = 1
    for index, character in enumerate(line[at:], at):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth == 0:
            return index + 1
    return -1


def split_at_comma(before: str, key: str) -> str | None:
    """The whole text of which a `,` made a value and a key without a value, in quotes; None where it was meant so.

    `before` is what stands between the value before and the end of the key: `$f(a, b)`.

    >>> split_at_comma("$f(a, b)", "b)"), split_at_comma("1, b", "b")
    ('"$f(a, b)"', None)
    """
    unbalanced = sum({"(": 1, ")": -1}.get(character, 0) for character in key) < 0
    return (
        as_quoted(before) if unbalanced or re.fullmatch(r"[^'\"{\[]*[A-Za-z][^'\"{\[]*,\s+\S.*\s.*", before) else None
    )


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
    if '"' in text and "'" not in text:
        return f"'{text}'"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
