"""Reads YAML from the events of ruamel.yaml, so that flowgen itself can limit depth, aliases and size."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from flowgen.diagnostics import Diagnostic, Fix, Label, Sink
from flowgen.diagnostics.characters import Invisible, invisible
from flowgen.source.nodes import Entry, Mapping, Node, Scalar, Sequence, Style, Tagged, Text
from flowgen.source.yaml_hints import as_quoted, explained, split_at_comma, swallowed

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Limits:
    """The maximum size of a document: far larger than real workflows, but small enough to stop malicious ones.

    `depth` and `nodes` count the expansion of every alias. A long string counts as several nodes, because it is copied.
    """

    characters: int = 1_000_000
    depth: int = 60
    nodes: int = 100_000
    digits: int = 300
    characters_in_node: int = 100
    empty: bool = False
    """Whether an empty value is null, as in files of other tools, and not an error."""


LIMITS = Limits()

CLOUDFORMATION_TAGS = frozenset(
    re.findall(
        r"\w+",
        """
        And Base64 Cidr Condition Equals FindInMap ForEach GetAZs GetAtt If ImportValue Join Length Not Or Ref Select
        Split Sub ToJsonString Transform
        """,
    )
)
"""The short forms of CloudFormation's intrinsic functions (user guide, "Intrinsic function reference")."""

# RFC 8259, section 6: YAML's octal, hexadecimal, `.inf` and `1_000` are strings.
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_STYLES = {"'": Style.SINGLE_QUOTED, '"': Style.DOUBLE_QUOTED, "|": Style.BLOCK, ">": Style.BLOCK}
_YAML_STR = "tag:yaml.org,2002:str"


def read(file: str, content: str, sink: Sink, limits: Limits = LIMITS) -> Node | None:
    """The document in `content`, or None if it has errors (FG001 to FG006), which are added to `sink`."""
    text = Text(file, content.removeprefix("\ufeff"))
    if len(content) > limits.characters:
        sink.add(
            Diagnostic(
                "FG003",
                f"the file has {len(content):,} characters; the maximum is {limits.characters:,}",
                text.span(0, 0),
            )
        )
        return None
    return _Reader(text, sink, limits).document()


@dataclass(slots=True)
class _Open:
    """A mapping or sequence that is still being read."""

    event: Any
    mapping: bool
    keys: dict[str, Scalar] = field(default_factory=dict)
    children: list[Any] = field(default_factory=list)
    pending: Scalar | None = None
    expects_value: bool = False
    size: int = 1
    height: int = 1


@dataclass(frozen=True, slots=True)
class _Whole:
    """A complete node, its size with aliases expanded, and its number of nested collections."""

    node: Node
    size: int
    height: int


class _TooMuch(Exception):  # noqa: N818 - it stops the reader after a diagnostic, and is not an error itself
    pass


# See docs/explanation/decisions.md#yaml-is-read-from-events
class _Reader:
    def __init__(self, text: Text, sink: Sink, limits: Limits) -> None:
        self.text, self.sink, self.limits = text, sink, limits
        self.stack: list[_Open] = []
        self.anchors: dict[str, _Whole] = {}
        self.trimmed: dict[int, int] = {}
        self.root: Node | None = None
        self.documents = 0
        self.failed = False

    def document(self) -> Node | None:
        try:
            for event in self._events():
                self._take(event)
        except _TooMuch:
            return None
        except MarkedYAMLError as error:
            self._malformed(error)
        except ReaderError as error:
            at, code = error.position, int(error.character)
            help_ = f'write `"\\x{code:02x}"` in double quotes' if code < 256 else None  # noqa: PLR2004 - two digits
            self._error("FG001", f"YAML does not allow the character U+{code:04X}", at, at + 1, help_=help_)
        except (YAMLError, ValueError) as error:
            self._error("FG001", f"invalid YAML: {error}", 0, 0)
        if self.root is None and not self.failed:
            self._error("FG004", "the file is empty", 0, 0, help_="start the workflow with `flowgen: 1`")
        return None if self.failed else self.root

    def _malformed(self, error: MarkedYAMLError) -> None:
        if self.failed:
            return  # an earlier error is the likely cause
        content = self.text.content
        mark = error.problem_mark or error.context_mark
        at = min(mark.index, len(content)) if mark else 0
        opened = min(error.context_mark.index, len(content)) if error.context_mark else at
        line_of = at if at < len(content.rstrip()) else opened
        line_start = content.rfind("\n", 0, line_of) + 1
        line = content[line_start:].partition("\n")[0]
        hidden = invisible(content, content.rfind("\n", 0, min(opened, line_of)) + 1, line_start + len(line))
        if hidden is not None:
            self._invisible("FG001", hidden.offset, hidden)
            return
        above = content[:line_start].rstrip().rpartition("\n")[2]
        explanation = explained(str(error.problem or error.context), line, line_of - line_start, above)
        if explanation.whole_line:
            at = line_start + len(line) - len(line.lstrip())
        if explanation.opening:
            at = opened
        context = (Label(self.text.span(opened, opened), str(error.context)),) if opened != at and error.context else ()
        new = explanation.new and (line_start + explanation.new[0], line_start + explanation.new[1], explanation.new[2])
        self._error("FG001", explanation.message, at, at, help_=explanation.help, secondary=context, new=new)

    def _events(self) -> Iterator[Any]:
        return iter(YAML(typ="safe", pure=True).parse(self.text.content))

    def _take(self, event: Any) -> None:
        match event:
            case DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    start = event.start_mark.index
                    self._error(
                        "FG003", "the file contains a second document; use one file per workflow", start, start + 3
                    )
                    raise _TooMuch
            case MappingStartEvent() | SequenceStartEvent():
                self._check_depth(1, event)
                self.stack.append(_Open(event, isinstance(event, MappingStartEvent)))
            case MappingEndEvent() | SequenceEndEvent():
                self._close(event)
            case ScalarEvent():
                scalar = self._scalar(event)
                size = 1 + len(scalar.text) // self.limits.characters_in_node
                self._put(_Whole(self._tag(scalar, event), size, 0), event.anchor)
            case AliasEvent():
                self._alias(event)

    def _close(self, event: Any) -> None:
        done = self.stack.pop()
        start, end = done.event.start_mark.index, self._trimmed(done.event.start_mark.index, event.end_mark.index)
        node: Node = (
            Mapping(self.text, start, end, tuple(done.children))
            if done.mapping
            else Sequence(self.text, start, end, tuple(done.children))
        )
        self._put(_Whole(self._tag(node, done.event), done.size, done.height), done.event.anchor)

    def _check_depth(self, height: int, event: Any) -> None:
        if len(self.stack) + height > self.limits.depth:
            at = event.start_mark.index
            self._error("FG003", f"nested more than {self.limits.depth} levels deep", at, at + 1)
            raise _TooMuch

    def _trimmed(self, start: int, end: int) -> int:
        # In YAML, a block collection ends at the next token. Exclude the white space and comments before that token.
        # All collections that end at a token have the same last character, which is cached.
        known = self.trimmed.get(end)
        if known is None or known <= start:
            known = self.trimmed[end] = self._find_trimmed(start, end)
        return known

    def _find_trimmed(self, start: int, end: int) -> int:
        content = self.text.content
        while end > start:
            line_start = content.rfind("\n", start, end) + 1 or start
            line = content[line_start:end].strip()
            if line and not (line.startswith("#") and line_start > start):
                return line_start + len(content[line_start:end].rstrip())
            end = max(line_start - 1, start)
        return end

    def _alias(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        known = self.anchors.get(event.anchor)
        if known is None:
            inside = any(parent.event.anchor == event.anchor for parent in self.stack)
            message = f"`*{event.anchor}` contains itself" if inside else f"unknown anchor `{event.anchor}`"
            help_ = None if inside else f"define `&{event.anchor}` above, or quote a string that starts with `*`"
            self._error("FG003" if inside else "FG001", message, start, end, help_=help_)
            raise _TooMuch
        self._check_depth(known.height, event)
        self._put(known, None)

    def _put(self, whole: _Whole, anchor: str | None) -> None:
        node = whole.node
        if anchor:
            self.anchors[anchor] = whole
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        parent.size += whole.size
        parent.height = max(parent.height, whole.height + 1)
        if parent.size > self.limits.nodes:
            self._error(
                "FG003",
                f"with aliases expanded, this contains more than {self.limits.nodes:,} values",
                parent.event.start_mark.index,
                parent.event.start_mark.index + 1,
            )
            raise _TooMuch
        if not parent.mapping:
            parent.children.append(node)
        elif parent.expects_value:
            parent.expects_value = False
            if parent.pending is not None:
                parent.children.append(Entry(parent.pending, node))
        else:
            parent.expects_value = True
            parent.pending = self._key(parent, node)

    def _key(self, parent: _Open, node: Node) -> Scalar | None:
        if not isinstance(node, Scalar):
            self._error("FG003", "a key must be a string", node.start, node.end)
            return None
        if node.style is Style.PLAIN and node.text.rfind("${") > node.text.rfind("}"):
            self._error(
                "FG003",
                "YAML reads this as a key, because it contains `: ` and has no quotes",
                node.start,
                node.end,
                help_="put the whole string in quotes",
            )
            return None
        hidden = invisible(node.text) if node.style is Style.PLAIN else None
        if hidden is not None:
            self._invisible("FG003", node.start + hidden.offset, hidden)
            return None
        if node.text == "<<" and node.style is Style.PLAIN:
            self._error(
                "FG003",
                "merge keys (`<<`) are not supported",
                node.start,
                node.end,
                help_="write the keys out, or share them through `types`, `functions` or `defaults`",
            )
            return None
        first = parent.keys.setdefault(node.text, node)
        if first is not node:
            self.failed = True
            self.sink.add(
                Diagnostic(
                    "FG002",
                    f"duplicate key `{node.text}`",
                    node.span,
                    "again here",
                    secondary=(Label(first.span, "first here"),),
                )
            )
            return None
        return node

    def _tag(self, node: Node, event: Any) -> Node:
        tag = event.tag
        if tag is None or tag in ("!", _YAML_STR):
            return node
        start, end = event.start_mark.index, node.end
        name = str(tag).removeprefix("!")
        if str(tag).startswith("!") and name in CLOUDFORMATION_TAGS:
            return Tagged(self.text, start, end, name, node)
        self._error(
            "FG003",
            f"unknown tag `{tag}`",
            start,
            end,
            help_="only CloudFormation's tags are supported (`!Ref`, `!Sub`, `!GetAtt`, …); remove it",
        )
        return node

    def _scalar(self, event: Any) -> Scalar:
        start, end, text = event.start_mark.index, event.end_mark.index, self._characters(event)
        if text == "" and start == end:
            start = end = self._place_of_nothing(start)
        style = _STYLES.get(event.style, Style.PLAIN)
        if style is Style.BLOCK:
            end = start + len(self.text.content[start:end].rstrip())
        if style is Style.PLAIN:
            self._comment_after(text, end)
        if event.tag is not None or event.anchor is not None:
            # The mark is the position of the tag or anchor; the value starts after it.
            start = self._after_properties(start, end)
        if style is Style.PLAIN:
            self._invisible_ends(text, start)
        value = text if style is not Style.PLAIN or event.tag is not None else self._resolve(text, start, end)
        return Scalar(self.text, start, end, value, text, style)

    def _invisible_ends(self, text: str, start: int) -> None:
        """Reports an invisible character at the start or end of a value. Inside a string, it may be intentional."""
        for at in (0, len(text) - 1):
            hidden = invisible(text, at, at + 1)
            if hidden is not None:
                place = start if at == 0 else self.text.content.find(text[at], start)
                self._invisible("FG003", place, hidden)
                return

    def _invisible(self, code: str, at: int, found: Invisible) -> None:
        self._error(code, found.message, at, at + 1, help_=found.help, new=(at, at + 1, found.replacement))

    def _comment_after(self, text: str, end: int) -> None:
        comment = swallowed(text, self.text.content, end)
        if comment is None or _NUMBER.fullmatch(text) or text in ("null", "true", "false"):
            return
        whole = as_quoted(text + self.text.content[end : comment[1]].rstrip())
        self._error(
            "FG003",
            "YAML reads this as a comment, not as part of the string",
            *comment,
            help_=f"if it is part of the string, write `{whole}`; otherwise, put a space after the `#`",
        )

    def _characters(self, event: Any) -> str:
        """The scalar's text. JSON writes a character beyond U+FFFF as two escapes, which are invalid on their own."""
        text = str(event.value)
        if not any("\ud800" <= character <= "\udfff" for character in text):
            return text
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            start, end = event.start_mark.index, event.end_mark.index
            self._error("FG006", "the string contains an unpaired surrogate, which is not a character", start, end)
            return ""

    def _place_of_nothing(self, at: int) -> int:
        """The position of a missing value: after the `:` of its key, which may be many lines above the next token."""
        parent = self.stack[-1] if self.stack else None
        if parent is None or not parent.expects_value or parent.pending is None:
            return at
        colon = self.text.content.find(":", parent.pending.end, at)
        return at if colon < 0 else colon + 1

    def _split(self) -> str | None:
        """The help if a `,` in a flow mapping splits a string, so that its second part looks like a key."""
        parent = self.stack[-1] if self.stack else None
        if parent is None or parent.pending is None or not parent.children or not parent.event.flow_style:
            return None
        before = parent.children[-1].value
        if not isinstance(before, Scalar) or before.style is not Style.PLAIN:
            return None
        whole = split_at_comma(self.text.content[before.start : parent.pending.end], parent.pending.text)
        return f"a `,` ends the value: put the string in quotes, `{whole}`" if whole else None

    def _after_properties(self, start: int, end: int) -> int:
        skipped = re.compile(r"(?:[!&][^\s]*\s*)+").match(self.text.content, start, end)
        return skipped.end() if skipped else start

    def _resolve(self, text: str, start: int, end: int) -> bool | int | float | str | None:
        if text == "" and self.limits.empty:
            return None
        if text == "":
            self._error(
                "FG004",
                "missing value",
                start,
                end,
                help_=self._split() or 'write the value, or `null`, `""`, `[]` or `{}` if it is empty',
            )
            return None
        if text in ("null", "true", "false"):
            return {"null": None, "true": True, "false": False}[text]
        number = _NUMBER.fullmatch(text)
        if number is None:
            return text
        if len(text) > self.limits.digits:
            self._error("FG006", "the number has too many digits", start, end)
            return 0
        if number[2] is None and number[3] is None:
            return int(text)
        value = float(text)
        if math.isinf(value):
            self._error("FG006", f"`{text}` is too large for a JSON number", start, end)
        return value

    def _error(
        self,
        code: str,
        message: str,
        start: int,
        end: int,
        *,
        help_: str | None = None,
        secondary: tuple[Label, ...] = (),
        new: tuple[int, int, str] | None = None,
    ) -> None:
        """Reports an error. `new` is its fix: the offsets of the text to replace, and the replacement."""
        self.failed = True
        fix = None if new is None else Fix.replace(self.text.span(new[0], new[1]), new[2])
        self.sink.add(Diagnostic(code, message, self.text.span(start, end), help=help_, secondary=secondary, fix=fix))
