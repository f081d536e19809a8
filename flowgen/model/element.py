"""How models are read from nodes: closed mappings whose fields report what is wrong, and where."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Mapped
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
    """The context for reading fields: the sink for diagnostics, and functions that read expressions and other files.

    `read_file` accepts a path relative to the workflow's folder and returns the content, or None if the file can't be
    read or is outside the project. `read_python` accepts the name of a class, `shop.models:User`, and its node; it
    returns the stored JSON Schema of the class as JSON, or None if there is none. `source` is the path of the current
    file, relative to the workflow's folder; "" for the workflow itself.
    """

    sink: Sink
    expressions: ExpressionParser = field(default_factory=ExpressionParser)
    read_file: Callable[[str], str | None] = _no_file
    read_python: Callable[[str, Span], str | None] = _no_class
    source: str = ""
    retries: Mapped[str, tuple[Any, ...]] = field(default_factory=dict)
    """The retries declared in this file and in imported ones, by name."""
    parse: Callable[[str, str, Sink], Node | None] = read
    """Parses the text of a YAML file by its name in messages. A caller that reads several workflows may cache it."""

    def tell(self, code: str, message: str, where: Node | Span, **more: Any) -> None:
        span = where if isinstance(where, Span) else where.span
        self.sink.add(Diagnostic(code, message, span, **more))

    def refuse(self, code: str, message: str, where: Node | Span, **more: Any) -> Unread:
        """Reports a diagnostic and returns the exception to raise, which marks the element as unread."""
        self.tell(code, message, where, **more)
        return Unread()


class Unread(Exception):  # noqa: N818 - not an error of the program: a finding was reported
    """Raised by a field after it reported a diagnostic. Create one per raise: an exception keeps its traceback."""


@dataclass(frozen=True, slots=True)
class Read:
    """A field's annotation: `read` reads the field from its node and raises `Unread` after reporting a diagnostic.

    `about` describes the key, unless the field has its own description.
    """

    read: Callable[[Any, Reading], Any]
    about: str = ""


# See docs/explanation/decisions.md#models-read-themselves
class Element(BaseModel):
    """A mapping in the workflow file: frozen, closed, with its node.

    pydantic only declares the fields. It does not build validators, which would take 10 % of the time of `check`: every
    field is either read by its `Read` or is an element itself.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        arbitrary_types_allowed=True,
        # pydantic never validates elements.
        defer_build=True,
    )

    what: ClassVar[str] = "this"
    """The element in a message: `a function`."""

    node: Mapping = Field(alias=NODE, exclude=True, repr=False)

    @classmethod
    def keys(cls) -> dict[str, bool]:
        """The element's YAML keys, and whether each is required."""
        return {key: field.required for key, field in _fields_of(cls).items()}

    @classmethod
    def made(cls, node: Mapping, **values: Any) -> Self:
        """An element from values that have been read, by field name; missing fields get their defaults."""
        return cls.model_construct(None, node=node, **values)

    @classmethod
    def read(cls, node: Node, reading: Reading) -> Self | None:
        """The element in `node`, or None if a diagnostic was reported."""
        if not isinstance(node, Mapping):
            reading.tell("FG102", f"{cls.what} must be a mapping, not {kind_of(node)}", node)
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
        """Reports the unknown key `key`."""
        name = getattr(key, "text", "")
        foreign = written_here(cls.what, name)
        guess = None if foreign else did_you_mean(name, cls.keys())
        reading.tell(
            "FG101",
            f"{cls.what} has no key `{name}`",
            key,
            label="unknown key",
            help=foreign or (f"did you mean `{guess}`?" if guess else f"the keys are {listed(cls.keys())}"),
            fix=replacing(key.span, guess),
        )

    def span_of(self, key: str) -> Span:
        """The span of a key's value, or of the element if the key is missing."""
        value = self.node.get(key)
        return self.node.span if value is None else value.span


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    required: bool
    read: Callable[[Any, Reading], Any]


@functools.cache
def _fields_of(element: type[Element]) -> dict[str, _Field]:
    """The fields of a class of elements by their YAML keys."""
    return {
        info.alias or name: _Field(name, info.is_required(), _reader(info))
        for name, info in element.model_fields.items()
        if info.alias != NODE
    }


def _reader(info: FieldInfo) -> Callable[[Any, Reading], Any]:
    """The reader of a field: the `Read` of its annotation (or of its non-None part), or the element class itself."""
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
    """The default reader, for fields of elements that are built in code."""
    del reading
    raise TypeError(node)


def _head(node: Mapping) -> Node:
    return node.entries[0].key if node.entries else node


_MOST_LISTED = 20


def listed(names: Iterable[str]) -> str:
    """`a`, `b` and `c`, for a message; only the first names of a long list."""
    quoted = [f"`{name}`" for name in islice(names, _MOST_LISTED + 1)]
    if len(quoted) > _MOST_LISTED:
        return f"{', '.join(quoted[:-1])}, …"
    if len(quoted) < 2:  # noqa: PLR2004 - "a and b" needs two
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def labelled(node: Node, text: str) -> tuple[Label, ...]:
    """One secondary label."""
    return (Label(node.span, text),)
