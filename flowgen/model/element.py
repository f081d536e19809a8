"""How models read themselves from nodes: closed mappings whose fields tell what is wrong with them, and where."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, ClassVar, Final, Never, Self, get_args

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from flowgen.diagnostics import Diagnostic, Label, Sink, Span, did_you_mean, replacing
from flowgen.jsonata.parsing import ExpressionParser
from flowgen.model.foreign_keys import written_here
from flowgen.source import Mapping, Node, kind_of, read

NODE: Final = "\0node"
"""The field that holds an element's node; no YAML key can have this name."""


def _no_file(path: str) -> str | None:
    del path
    return None


def _no_class(name: str, where: Span) -> str | None:
    del name, where
    return None


@dataclass(frozen=True, slots=True)
class Reading:
    """What is handed to every field that is read: where findings go, and what reads expressions and other files.

    `read_file` takes a path relative to the workflow's folder and gives the text, or None if it can't be read or lies
    outside the project. `read_python` takes the name of a class, `shop.models:User`, and where it is named; it gives
    the JSON Schema that is kept of it, as JSON, or None where there is none. `source` is the file that is being read,
    as seen from the workflow's folder; "" for the workflow itself.
    """

    sink: Sink
    expressions: ExpressionParser = field(default_factory=ExpressionParser)
    read_file: Callable[[str], str | None] = _no_file
    read_python: Callable[[str, Span], str | None] = _no_class
    source: str = ""
    parse: Callable[[str, str, Sink], Node | None] = read
    """Parses the text of a YAML file by its name in messages. A caller that reads several workflows may cache it."""

    def tell(self, code: str, message: str, where: Node | Span, **more: Any) -> None:
        span = where if isinstance(where, Span) else where.span
        self.sink.add(Diagnostic(code, message, span, **more))

    def refuse(self, code: str, message: str, where: Node | Span, **more: Any) -> Unread:
        """Reports a finding; returns what a field raises so that its element counts as unread."""
        self.tell(code, message, where, **more)
        return Unread()


class Unread(Exception):  # noqa: N818 - not an error of the program: a finding was reported
    """Raised by a field whose finding was reported. Create one for each raise: an exception keeps its tracebacks."""


@dataclass(frozen=True, slots=True)
class Read:
    """A field's annotation: `read` reads the field from its node, and raises `Unread` after it reported a finding.

    `about` describes the key wherever the field is used, unless the field has its own description.
    """

    read: Callable[[Any, Reading], Any]
    about: str = ""


# See docs/explanation/decisions.md#models-read-themselves
class Element(BaseModel):
    """A mapping of the workflow file: frozen, closed, and it knows its node.

    pydantic declares the fields; it builds no validators, which would take a tenth of the time of a check: every field
    is either read by its `Read` or is an element itself.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        arbitrary_types_allowed=True,
        # No element is ever validated by pydantic.
        defer_build=True,
    )

    what: ClassVar[str] = "this"
    """The element in a message: `a function`."""

    node: Mapping = Field(alias=NODE, exclude=True, repr=False)

    @classmethod
    def keys(cls) -> dict[str, bool]:
        """The keys that the element may have in YAML, and whether each is required."""
        return {key: field.required for key, field in _fields_of(cls).items()}

    @classmethod
    def made(cls, node: Mapping, **values: Any) -> Self:
        """An element of values that are read already, by the fields' names; missing ones have their defaults."""
        return cls.model_construct(None, node=node, **values)

    @classmethod
    def read(cls, node: Node, reading: Reading) -> Self | None:
        """The element that `node` holds, or None when a finding says why not."""
        if not isinstance(node, Mapping):
            reading.tell("FG102", f"{cls.what} is a mapping, not {kind_of(node)}", node)
            return None
        fields = _fields_of(cls)
        given: dict[str, Node] = {}
        for entry in node.entries:
            if entry.key.text in fields:
                given[entry.key.text] = entry.value
            else:
                cls.unknown_key(entry.key, reading)
        missing = [key for key, field in fields.items() if field.required and key not in given]
        instead = [written_here(cls.what, entry.key.text) or "" for entry in node.entries] if missing else []
        for key in missing:
            if not any(help_.startswith(f"write `{key}:") for help_ in instead):
                reading.tell("FG103", f"{cls.what} needs the key `{key}`", _head(node))
        values: dict[str, Any] = {}
        for key, one in fields.items():
            if key in given:
                try:
                    values[one.name] = one.read(given[key], reading)
                except Unread:
                    missing.append(key)
        return None if missing else cls.made(node, **values)

    @classmethod
    def unknown_key(cls, key: Node, reading: Reading) -> None:
        """Tells that `key` does not belong here."""
        name = getattr(key, "text", "")
        foreign = written_here(cls.what, name)
        guess = None if foreign else did_you_mean(name, cls.keys())
        reading.tell(
            "FG101",
            f"{cls.what} has no key `{name}`",
            key,
            label="not a key that is known here",
            help=foreign or (f"did you mean `{guess}`?" if guess else f"the keys are {listed(cls.keys())}"),
            fix=replacing(key.span, guess),
        )

    def span_of(self, key: str) -> Span:
        """Where the value of a key stands; the element itself where the key was left out."""
        value = self.node.get(key)
        return self.node.span if value is None else value.span


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    required: bool
    read: Callable[[Any, Reading], Any]


@functools.cache
def _fields_of(element: type[Element]) -> dict[str, _Field]:
    """The fields of a kind of element by their keys in YAML."""
    return {
        info.alias or name: _Field(name, info.is_required(), _reader(info))
        for name, info in element.model_fields.items()
        if info.alias != NODE
    }


def _reader(info: FieldInfo) -> Callable[[Any, Reading], Any]:
    """What reads a field: the `Read` of its annotation or of the part that is not None, or the element itself."""
    for annotation in (None, *get_args(info.annotation), info.annotation):
        metadata = info.metadata if annotation is None else getattr(annotation, "__metadata__", ())
        for one in metadata:
            if isinstance(one, Read):
                return one.read
        if isinstance(annotation, type) and issubclass(annotation, Element):
            return functools.partial(_read_element, annotation)
    return _not_in_yaml


def _read_element(kind: type[Element], node: Node, reading: Reading) -> Element:
    element = kind.read(node, reading)
    if element is None:
        raise Unread
    return element


def _not_in_yaml(node: Node, reading: Reading) -> Never:
    """For fields of elements that code makes of other values."""
    del reading
    raise TypeError(node)


def _head(node: Mapping) -> Node:
    return node.entries[0].key if node.entries else node


_MOST_LISTED = 20


def listed(names: Iterable[str]) -> str:
    """`a`, `b` and `c`, for a message; of very many names the first ones."""
    quoted = [f"`{name}`" for name in islice(names, _MOST_LISTED + 1)]
    if len(quoted) > _MOST_LISTED:
        return f"{', '.join(quoted[:-1])}, …"
    if len(quoted) < 2:  # noqa: PLR2004 - "a and b" needs two
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def labelled(node: Node, text: str) -> tuple[Label, ...]:
    """One secondary label."""
    return (Label(node.span, text),)
