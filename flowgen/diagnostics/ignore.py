"""`# flowgen: ignore[FG209]` at the end of a line ignores findings on that line. Text after the bracket is the reason.

On the header of a block scalar (`set: >-`), it applies to all lines of the scalar, which cannot contain comments.

An error after which the later phases cannot run (`Code.stops`) cannot be ignored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowgen.diagnostics.lines import split_lines
from flowgen.diagnostics.model import Diagnostic, Fix, Position, Sink, Span
from flowgen.diagnostics.suggest import did_you_mean
from flowgen.diagnostics.table import CODES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_MARKER = re.compile(r"#\s*flowgen:\s*(?P<word>[A-Za-z][\w-]*)(?:\s*\[(?P<codes>[^\]]*)\])?")
_BLOCK_SCALAR = re.compile(r"(?:[:?-]|\s[!&]\S*)\s+[|>][-+1-9]{0,2}\s*$")
_INDENT = re.compile(r" *(?:[-?] +)*")
_TOKEN = re.compile(
    r"""(?P<space>[ \t]+) | (?P<comment>(?<![^ \t])\#) | (?P<quote>["'])
    | (?P<open>[\[{]) | (?P<close>[\]}]) | (?P<comma>,) | (?P<value>:(?=[ \t]|$)) | (?P<colon>:)
    | (?P<entry>[-?](?=[ \t]|$)) | (?P<property>[!&][^\s,\[\]{}]*) | (?P<text>.)""",
    re.VERBOSE,
)
_QUOTED = {'"': re.compile(r'(?:[^"\\]|\\.?)*(?P<end>")?'), "'": re.compile(r"(?:[^']|'')*(?P<end>')?")}
_BEFORE_NODE = frozenset({"space", "entry", "property"})
_BEFORE_FLOW_NODE = frozenset({"open", "comma", "colon"})
_EXAMPLE = "# flowgen: ignore[FG209]"


@dataclass(frozen=True, slots=True)
class _Ignore:
    span: Span
    codes: tuple[str, ...]
    """Empty if the comment is malformed."""
    last: int
    """The last line to which it applies."""
    text: str
    """What is at `span`."""
    whole: Span
    """With the reason after it and, if no other marker follows, the spaces before it."""

    def places(self) -> Iterator[tuple[tuple[str, int, str], tuple[str, int, str]]]:
        """Each (file, line, code) that it ignores, with its own, which identifies the comment."""
        file, own = self.span.file, self.span.start.line
        for code in self.codes:
            for line in range(own, self.last + 1):
                yield (file, line, code), (file, own, code)


def apply_ignores(diagnostics: Iterable[Diagnostic], sources: Mapping[str, str]) -> list[Diagnostic]:
    """The findings that are not ignored, and a warning for each useless comment, sorted by position.

    If errors remain, useless comments are not reported: the later phases did not run, and a comment may be for them.
    """
    ignores = [ignore for file in sorted(sources) for ignore in _ignores(file, sources[file])]
    silenced = {place: own for ignore in ignores for place, own in ignore.places()}
    left = Sink()
    used = set()
    for diagnostic in diagnostics:
        place = _place(diagnostic)
        if place in silenced and not CODES[diagnostic.code].stops:
            used.add(silenced[place])
        else:
            left.add(diagnostic)
    complete = not left.failed
    for ignore in ignores:
        left.extend(_complaints(ignore, used, complete=complete))
    return list(left)


def _place(diagnostic: Diagnostic) -> tuple[str, int, str]:
    span = diagnostic.span
    return (span.file, span.start.line, diagnostic.code) if span else ("", 0, diagnostic.code)


def _complaints(ignore: _Ignore, used: set[tuple[str, int, str]], *, complete: bool) -> Iterator[Diagnostic]:
    if not ignore.codes:
        yield _warning(ignore, "malformed ignore comment", help_=f"write `{_EXAMPLE}`")
    useless = []
    for code in dict.fromkeys(ignore.codes):
        if code not in CODES:
            known = code.upper() in CODES
            yield _warning(
                ignore,
                f"unknown code `{code}`",
                help_=f"write `{code.upper()}`" if known else None,
                fix=Fix.replace(ignore.span, ignore.text.replace(code, code.upper())) if known else None,
            )
        elif CODES[code].stops:
            yield _warning(
                ignore, f"`{code}` cannot be ignored", note="the later checks need a workflow without this error"
            )
        elif complete and (ignore.span.file, ignore.span.start.line, code) not in used:
            useless.append(code)
    if useless:
        names = ", ".join(f"`{code}`" for code in useless)
        everything = len(useless) == len(ignore.codes)
        yield _warning(
            ignore,
            f"useless ignore comment: no {names} starts on this line",
            help_="remove it" if everything else f"remove {names} from it",
            fix=Fix.replace(ignore.whole, "") if everything else _without(ignore, useless),
        )


def _without(ignore: _Ignore, useless: list[str]) -> Fix:
    kept = ", ".join(code for code in ignore.codes if code not in useless)
    return Fix.replace(ignore.span, f"{ignore.text.partition('[')[0]}[{kept}]")


def _warning(
    ignore: _Ignore, message: str, *, note: str | None = None, help_: str | None = None, fix: Fix | None = None
) -> Diagnostic:
    notes = (note,) if note else ()
    return Diagnostic("FG290", message, ignore.span, notes=notes, help=help_, fix=fix)


def _ignores(file: str, text: str) -> Iterator[_Ignore]:
    if "flowgen:" not in text:
        return
    lines = split_lines(text)
    for line, column, comment, last in _comments(text):
        markers = list(_MARKER.finditer(comment))
        for index, match in enumerate(markers):
            last_marker = index + 1 == len(markers)
            end = len(comment) if last_marker else markers[index + 1].start()
            word, listed = match["word"], match["codes"]
            if word != "ignore" and did_you_mean(word, ["ignore"]) is None:
                continue
            before = lines[line - 1][: column + match.start()]
            span = Span(file, Position(line, len(before) + 1), Position(line, column + match.end() + 1))
            first = len(before.rstrip()) if last_marker else len(before)
            whole = Span(file, Position(line, first + 1), Position(line, column + end + 1))
            codes = [code.strip() for code in (listed or "").split(",")] if word == "ignore" else []
            yield _Ignore(span, tuple(code for code in codes if code), last, match[0], whole)


def _comments(text: str) -> Iterator[tuple[int, int, str, int]]:
    """Each comment with its line (from 1), its column (from 0), and the last line to which it applies.

    A `#` in a quoted or block scalar is text. This scanner understands just enough YAML to recognize that. It does not
    use the YAML reader, because it must find comments in invalid files too, and because this package is below the
    reader. It misreads a continuation line of a plain scalar that starts with a quote, and may then miss a comment.
    """
    quote, flow = "", 0
    lines = split_lines(text)
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        column, quote, flow = _scan(line, quote, flow)
        content, own = line[:column], number
        if not quote and not flow and _BLOCK_SCALAR.search(content):
            parent = _parent_indent(content)
            while number < len(lines) and _is_inside(lines[number], parent):
                number += 1
        if column < len(line):
            yield own, column, line[column:], number


def _is_inside(line: str, parent: int) -> bool:
    """Whether a line belongs to a block scalar; `parent` is the indentation of what holds it."""
    return not line.strip() or len(line) - len(line.lstrip(" ")) > parent


def _parent_indent(header: str) -> int:
    """The column of the key whose value the block scalar is, or of the dash that it directly follows."""
    match = _INDENT.match(header)
    indent = match.end() if match else 0
    return len(header[:indent].rstrip()) - 1 if header[indent] in "|>!&" else indent


def _scan(line: str, quote: str, flow: int) -> tuple[int, str, int]:
    """Where the line's comment starts (its length for none), the quote open at its end, the depth of `[` and `{`."""
    starts = True  # whether a node may start here: a quote or bracket within a plain scalar is text
    column = 0
    while column < len(line) and (token := (_QUOTED[quote] if quote else _TOKEN).match(line, column)):
        kind = token.lastgroup
        if kind == "comment":
            break
        column = token.end()
        if kind == "quote" and starts:
            quote = token[0]
        elif kind == "end":
            quote = ""
        elif kind == "open" and (starts or flow):
            flow += 1
        elif kind == "close" and flow:
            flow -= 1
        starts = kind == "value" or (starts and kind in _BEFORE_NODE) or (flow > 0 and kind in _BEFORE_FLOW_NODE)
    return column, quote, flow
