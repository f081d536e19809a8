"""Event patterns: whether AWS accepts them, and whether any event can match (FG512).

EventBridge user guide, "Creating Amazon EventBridge event patterns" and "Comparison operators for use in event
patterns"; for topics the SNS developer guide, "Amazon SNS subscription filter policies".
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator
from dataclasses import dataclass

from flowgen.diagnostics import Diagnostic, did_you_mean, replacing
from flowgen.model.element import listed
from flowgen.source import Mapping, Node, Scalar, Sequence, Tagged, kind_of, plain
from flowgen.types import Type, expand

_COMPARISONS = ("<", "<=", "=", ">", ">=")
OPERATORS = ("prefix", "suffix", "equals-ignore-case", "anything-but", "wildcard", "numeric", "exists", "cidr")
"""The operators of event patterns; filter policies of topics have no `wildcard`."""
_OR = "$or"


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of pattern: the service that reads it, its maximum length, and its operators."""

    reader: str
    most: int
    operators: tuple[str, ...] = OPERATORS


RULE = Form("EventBridge", 2048)
"""EventBridge user guide, "Quotas": event pattern size."""
PIPE = Form("EventBridge Pipes", 4096)
"""EventBridge Pipes API reference, `Filter`."""
POLICY = Form("SNS", 150_000, tuple(name for name in OPERATORS if name != "wildcard"))
"""SNS developer guide, "Filter policy constraints"."""


def check_pattern(node: Node, form: Form, event: Type | None = None) -> Iterator[Diagnostic]:
    """Reports the problems of a pattern for events of a type."""
    size = len(json.dumps(plain(node), separators=(",", ":")))
    if size > form.most:
        message = f"this pattern has {size:,} characters; the limit of {form.reader} is {form.most:,}"
        yield Diagnostic("FG512", message, node.span, help="use a shorter pattern and filter the rest in the workflow")
    yield from _Checking(form).fields(node, event)


class _Checking:
    def __init__(self, form: Form) -> None:
        self.form = form

    def fields(self, node: Node, event: Type | None) -> Iterator[Diagnostic]:
        if not isinstance(node, Mapping):
            yield _told(f"expected fields, found {kind_of(node)}", node)
            return
        if not node.entries:
            yield _told("this pattern is empty and has no effect", node, "remove it")
        for entry in node.entries:
            if entry.key.text == _OR:
                yield from self.alternatives(entry.value, event)
                continue
            known = _field(event, entry.key.text)
            if known is None and event is not None:
                names = [name for object_ in expand(event).objects for name in object_.fields]
                guess = did_you_mean(entry.key.text, names)
                help_ = f"did you mean `{guess}`?" if guess else f"the fields are {listed(names)}"
                yield _told(f"no event has the field `{entry.key.text}`, so nothing matches", entry.key, help_, guess)
                continue
            yield from self.field(entry.value, known)

    def alternatives(self, node: Node, event: Type | None) -> Iterator[Diagnostic]:
        if not isinstance(node, Sequence) or len(node.items) < 2:  # noqa: PLR2004 - a list with one item offers no choice
            yield _told(f"`{_OR}` must be a list of two or more patterns", node)
            return
        for item in node.items:
            yield from self.fields(item, event)

    def field(self, node: Node, event: Type | None) -> Iterator[Diagnostic]:
        match node:
            case Mapping():
                own = [entry.key for entry in node.entries if entry.key.text in OPERATORS]
                if own and len(node.entries) == 1 and not _has(event, own[0].text):
                    help_ = f"put it into a list: `[{{{own[0].text}: …}}]`"
                    yield _told(f"`{own[0].text}` must be in a list of values", node, help_)
                    return
                yield from self.fields(node, event)
            case Sequence(items=items):
                if not items:
                    yield _told("an empty list allows no value, so nothing matches", node)
                for item in items:
                    yield from self.value(item)
            case Scalar():
                yield _told("expected a list of the allowed values", node, f"write `[{node.text}]`")
            case Tagged():
                yield _told("expected a list of the allowed values", node, "put it into a list: `[…]`")

    def value(self, node: Node) -> Iterator[Diagnostic]:
        match node:
            case Scalar() | Tagged():
                return
            case Mapping(entries=[entry]) if entry.key.text in self.form.operators:
                yield from self.operator(entry.key.text, entry.value)
            case Mapping(entries=[entry, *_]):
                guess = did_you_mean(entry.key.text, self.form.operators)
                help_ = f"did you mean `{guess}`?" if guess else f"the operators are {listed(self.form.operators)}"
                if entry.key.text in self.form.operators:
                    help_ = "split it into two members of the list"
                yield _told(
                    f"{self.form.reader} does not support the comparison `{entry.key.text}` here",
                    entry.key,
                    help_,
                    guess,
                )
            case _:
                yield _told(f"expected a value or a comparison, found {kind_of(node)}", node)

    def operator(self, name: str, node: Node) -> Iterator[Diagnostic]:
        match name:
            case "exists":
                if not (isinstance(node, Scalar) and isinstance(node.value, bool)):
                    yield _told("`exists` must be `true` or `false`", node)
            case "numeric":
                yield from _numeric(node)
            case "cidr":
                yield from _cidr(node)
            case "anything-but":
                yield from self.anything_but(node)
            case "wildcard":
                yield from _wildcard(node)
            case _:  # prefix, suffix, equals-ignore-case
                inner = (
                    node.get("equals-ignore-case")
                    if isinstance(node, Mapping) and name != "equals-ignore-case"
                    else node
                )
                if not _is_text(inner):
                    yield _told(f"`{name}` must be a string", node)

    def anything_but(self, node: Node) -> Iterator[Diagnostic]:
        match node:
            case Scalar() | Tagged():
                return
            case Sequence(items=items) if items and all(isinstance(item, Scalar | Tagged) for item in items):
                return
            case Mapping(entries=[entry]) if entry.key.text in ("prefix", "suffix", "equals-ignore-case", "wildcard"):
                items = entry.value.items if isinstance(entry.value, Sequence) else (entry.value,)
                if not items or not all(_is_text(item) for item in items):
                    yield _told(f"`{entry.key.text}` must be a string or a list of strings", entry.value)
            case _:
                yield _told(
                    "`anything-but` must be a value, a list of values, or a mapping such as `{prefix: a}`", node
                )


def _field(event: Type | None, name: str) -> Type | None:
    """The type of a field of the events; None if there is none or its type is not known."""
    if event is None:
        return None
    whole = expand(event)
    if whole.is_any:
        return whole
    found = [object_.get(name) for object_ in whole.objects if name in object_.fields or not object_.rest.is_never]
    return found[0] if found else None


def _has(event: Type | None, name: str) -> bool:
    """Whether events have a field for certain."""
    return event is not None and any(name in object_.fields for object_ in expand(event).objects)


def _is_text(node: Node | None) -> bool:
    return isinstance(node, Tagged) or (isinstance(node, Scalar) and isinstance(node.value, str))


def _numeric(node: Node) -> Iterator[Diagnostic]:
    """`["=", 5]` or a range: `[">", 0, "<=", 5]`."""
    help_ = 'write `[">", 0]` or `[">=", 0, "<", 10]`'
    items = (
        [item.value if isinstance(item, Scalar) else None for item in node.items] if isinstance(node, Sequence) else []
    )
    marks, numbers = items[::2], items[1::2]
    if len(items) not in (2, 4) or any(mark not in _COMPARISONS for mark in marks) or not all(map(_number, numbers)):
        yield _told("`numeric` must be a comparison and a number, or two of each", node, help_)
        return
    bounds = {str(mark)[0]: number for mark, number in zip(marks, numbers, strict=True)}
    low, high = bounds.get(">"), bounds.get("<")
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        yield _told(f"no number is above {low} and below {high}", node)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cidr(node: Node) -> Iterator[Diagnostic]:
    if not _is_text(node):
        yield _told("`cidr` must be a string such as `10.0.0.0/24`", node)
    elif isinstance(node, Scalar):
        try:
            ipaddress.ip_network(node.text, strict=False)
        except ValueError:
            yield _told(f"`{node.text}` is not a valid range of addresses", node, "write `10.0.0.0/24`")


def _wildcard(node: Node) -> Iterator[Diagnostic]:
    if not _is_text(node):
        yield _told("`wildcard` must be a string such as `*.png`", node)
    elif isinstance(node, Scalar) and "**" in node.text:
        yield _told("two `*` in a row are not allowed", node)


def _told(message: str, node: Node, help_: str | None = None, new: str | None = None) -> Diagnostic:
    return Diagnostic("FG512", message, node.span, help=help_, fix=replacing(node.span, new))
