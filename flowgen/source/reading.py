"""YAML text to nodes, over ruamel.yaml's events, so that depth, aliases and size are bounded by us."""

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

from flowgen.diagnostics import Diagnostic, Label, Sink
from flowgen.diagnostics.characters import invisible
from flowgen.source.nodes import Entry, Mapping, Node, Scalar, Sequence, Style, Tagged, Text
from flowgen.source.traps import as_quoted, explained, split_at_comma, swallowed

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a document may hold. Far above what people write; enough to stop a document made to exhaust us.

    `depth` and `nodes` count what aliases stand for each time; a long text counts as several nodes, since it is copied.
    """

    characters: int = 1_000_000
    depth: int = 60
    nodes: int = 100_000
    digits: int = 300
    characters_in_node: int = 100


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
"""The short forms that CloudFormation knows (user guide, "Intrinsic function reference")."""

# RFC 8259, section 6: YAML's octal, hexadecimal, `.inf` and `1_000` stay what they look like, texts.
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_STYLES = {"'": Style.SINGLE_QUOTED, '"': Style.DOUBLE_QUOTED, "|": Style.BLOCK, ">": Style.BLOCK}
_YAML_STR = "tag:yaml.org,2002:str"


def read(file: str, content: str, sink: Sink, limits: Limits = LIMITS) -> Node | None:
    """The document in `content`, or None when `sink` got an error (FG001 to FG006)."""
    text = Text(file, content.removeprefix("\ufeff"))
    if len(content) > limits.characters:
        sink.add(
            Diagnostic(
                "FG003",
                f"this file has {len(content):,} characters; at most {limits.characters:,} are read",
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
    """A node that was read, how many nodes it stands for, and how many levels of collections it has."""

    node: Node
    size: int
    height: int


class _TooMuch(Exception):  # noqa: N818 - it is a stop, told as a diagnostic where it is raised
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
            help_ = f'in double quotes it is written `"\\x{code:02x}"`' if code < 256 else None  # noqa: PLR2004 - two digits
            self._error("FG001", f"YAML does not allow the character U+{code:04X}", at, at + 1, help_=help_)
        except (YAMLError, ValueError) as error:
            self._error("FG001", f"this is not YAML: {error}", 0, 0)
        if self.root is None and not self.failed:
            self._error("FG004", "this file is empty", 0, 0, help_="a workflow begins with `flowgen: 1`")
        return None if self.failed else self.root

    def _malformed(self, error: MarkedYAMLError) -> None:
        if self.failed:
            return  # which is likely why it does not go on
        content = self.text.content
        mark = error.problem_mark or error.context_mark
        at = min(mark.index, len(content)) if mark else 0
        opened = min(error.context_mark.index, len(content)) if error.context_mark else at
        line_of = at if at < len(content.rstrip()) else opened
        line_start = content.rfind("\n", 0, line_of) + 1
        line = content[line_start:].partition("\n")[0]
        hidden = invisible(content, content.rfind("\n", 0, min(opened, line_of)) + 1, line_start + len(line))
        if hidden is not None:
            self._error("FG001", hidden[1], hidden[0], hidden[0] + 1, help_=hidden[2])
            return
        above = content[:line_start].rstrip().rpartition("\n")[2]
        explanation = explained(str(error.problem or error.context), line, line_of - line_start, above)
        if explanation.whole_line:
            at = line_start + len(line) - len(line.lstrip())
        if explanation.opening:
            at = opened
        context = (Label(self.text.span(opened, opened), str(error.context)),) if opened != at else ()
        self._error("FG001", explanation.message, at, at, help_=explanation.help, secondary=context)

    def _events(self) -> Iterator[Any]:
        return iter(YAML(typ="safe", pure=True).parse(self.text.content))

    def _take(self, event: Any) -> None:
        match event:
            case DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    start = event.start_mark.index
                    self._error(
                        "FG003", "this file holds a second document; one file is one workflow", start, start + 3
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
            self._error("FG003", f"this is nested deeper than {self.limits.depth} levels", at, at + 1)
            raise _TooMuch

    def _trimmed(self, start: int, end: int) -> int:
        # A block collection ends, for YAML, where the next token starts: white space and comments do not belong to it.
        # All collections that end there end at the same character, so it is looked for once.
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
            message = f"`*{event.anchor}` holds itself" if inside else f"no anchor `&{event.anchor}` stands above"
            help_ = None if inside else "a text that starts with `*` needs quotes"
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
                f"with its aliases written out, this holds more than {self.limits.nodes:,} values",
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
            self._error("FG003", "a key must be a plain text", node.start, node.end)
            return None
        if node.style is Style.PLAIN and node.text.rfind("${") > node.text.rfind("}"):
            self._error(
                "FG003",
                "YAML takes this text for a key, since it is not in quotes and holds a `: `",
                node.start,
                node.end,
                help_="put the whole text in quotes",
            )
            return None
        hidden = invisible(node.text) if node.style is Style.PLAIN else None
        if hidden is not None:
            span = node.part(hidden[0], hidden[0] + 1)
            self.failed = True
            self.sink.add(Diagnostic("FG003", hidden[1], span, help=hidden[2]))
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
                    f"the key `{node.text}` stands twice in this mapping",
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
            f"the tag `{tag}` is not known here",
            start,
            end,
            help_="the tags of CloudFormation are (`!Ref`, `!Sub`, `!GetAtt`, …); other values need none",
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
            # The mark is then that of the tag or anchor; the value itself starts after it.
            start = self._after_properties(start, end)
        if style is Style.PLAIN:
            self._invisible_ends(text, start)
        value = text if style is not Style.PLAIN or event.tag is not None else self._resolve(text, start, end)
        return Scalar(self.text, start, end, value, text, style)

    def _invisible_ends(self, text: str, start: int) -> None:
        """An invisible character that a value begins or ends with: within a text it may have a meaning."""
        for at in (0, len(text) - 1):
            hidden = invisible(text, at, at + 1)
            if hidden is not None:
                place = start if at == 0 else self.text.content.find(text[at], start)
                self._error("FG003", hidden[1], place, place + 1, help_=hidden[2])
                return

    def _comment_after(self, text: str, end: int) -> None:
        comment = swallowed(text, self.text.content, end)
        if comment is None or _NUMBER.fullmatch(text) or text in ("null", "true", "false"):
            return
        whole = as_quoted(text + self.text.content[end : comment[1]].rstrip())
        self._error(
            "FG003",
            "YAML takes this for a comment, which is not part of the text before it",
            *comment,
            help_=f"if it belongs to the text, write `{whole}`; a comment has spaces before and after its `#`",
        )

    def _characters(self, event: Any) -> str:
        """The scalar's text. JSON writes a character beyond U+FFFF as two escapes, a half of which alone is none."""
        text = str(event.value)
        if not any("\ud800" <= character <= "\udfff" for character in text):
            return text
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            start, end = event.start_mark.index, event.end_mark.index
            self._error("FG006", "this text holds half of a surrogate pair, which is no character", start, end)
            return ""

    def _place_of_nothing(self, at: int) -> int:
        """Where a value is missing: after its key's `:`, which may stand many lines above what follows."""
        parent = self.stack[-1] if self.stack else None
        if parent is None or not parent.expects_value or parent.pending is None:
            return at
        colon = self.text.content.find(":", parent.pending.end, at)
        return at if colon < 0 else colon + 1

    def _split(self) -> str | None:
        """Help where a `,` cut a text in a flow mapping, so that its end looks like a key."""
        parent = self.stack[-1] if self.stack else None
        if parent is None or parent.pending is None or not parent.children or not parent.event.flow_style:
            return None
        before = parent.children[-1].value
        if not isinstance(before, Scalar) or before.style is not Style.PLAIN:
            return None
        whole = split_at_comma(self.text.content[before.start : parent.pending.end], parent.pending.text)
        return f"a `,` ends a value here: a text that holds one needs quotes, `{whole}`" if whole else None

    def _after_properties(self, start: int, end: int) -> int:
        skipped = re.compile(r"(?:[!&][^\s]*\s*)+").match(self.text.content, start, end)
        return skipped.end() if skipped else start

    def _resolve(self, text: str, start: int, end: int) -> bool | int | float | str | None:
        if text == "":
            self._error(
                "FG004",
                "a value is missing here",
                start,
                end,
                help_=self._split() or 'write the value, `null` for nothing, `""` for an empty text, `[]` or `{}`',
            )
            return None
        if text in ("null", "true", "false"):
            return {"null": None, "true": True, "false": False}[text]
        number = _NUMBER.fullmatch(text)
        if number is None:
            return text
        if len(text) > self.limits.digits:
            self._error("FG006", "this number has too many digits", start, end)
            return 0
        if number[2] is None and number[3] is None:
            return int(text)
        value = float(text)
        if math.isinf(value):
            self._error("FG006", f"`{text}` is too large for a number", start, end)
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
    ) -> None:
        self.failed = True
        self.sink.add(Diagnostic(code, message, self.text.span(start, end), help=help_, secondary=secondary))
