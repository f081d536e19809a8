"""How models read themselves from nodes: closed mappings whose fields tell what is wrong with them, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, ClassVar, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, model_validator
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from flowgen.diagnostics import Diagnostic, Label, Sink, Span, did_you_mean, replacing
from flowgen.jsonata.parsing import ExpressionParser
from flowgen.model.foreign_keys import written_here
from flowgen.source import Mapping, Node, Sequence, kind_of

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

    def tell(self, code: str, message: str, where: Node | Span, **more: Any) -> None:
        span = where if isinstance(where, Span) else where.span
        self.sink.add(Diagnostic(code, message, span, **more))

    def refuse(self, code: str, message: str, where: Node | Span, **more: Any) -> PydanticCustomError:
        """Tells a finding, and gives what a field raises so that its element counts as unread."""
        self.tell(code, message, where, **more)
        return told()


def told() -> PydanticCustomError:
    """What a field raises whose finding was told; made anew each time, since an exception keeps its tracebacks."""
    return PydanticCustomError("told", "told")


@dataclass(frozen=True, slots=True)
class Read:
    """A field's annotation: the field is read from its node by `read`; other values are taken as they are.

    `about` tells people what the key means wherever the field stands, unless the field has a description of its own.
    """

    read: Callable[[Any, Reading], Any]
    about: str = ""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        del source, handler
        return core_schema.with_info_plain_validator_function(self._validate)

    def _validate(self, value: Any, info: ValidationInfo) -> Any:
        return self.read(value, _reading(info)) if isinstance(value, Node) else value


def _reading(info: ValidationInfo) -> Reading:
    if not isinstance(info.context, Reading):
        raise TypeError("nodes are read with a Reading as the context")
    return info.context


# See docs/explanation/decisions.md#models-read-themselves
class Element(BaseModel):
    """A mapping of the workflow file: frozen, closed, and it knows its node."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        arbitrary_types_allowed=True,
        # A kind of step that no workflow uses costs nothing.
        defer_build=True,
    )

    what: ClassVar[str] = "this"
    """The element in a message: `a function`."""

    node: Mapping = Field(alias=NODE, exclude=True, repr=False)

    @classmethod
    def keys(cls) -> dict[str, bool]:
        """The keys that the element may have in YAML, and whether each is required."""
        return {
            info.alias or name: info.is_required()
            for name, info in cls.model_fields.items()
            if (info.alias or name) != NODE
        }

    @model_validator(mode="before")
    @classmethod
    def _from_node(cls, data: Any, info: ValidationInfo) -> Any:
        if not isinstance(data, Node):
            return data
        reading = _reading(info)
        if not isinstance(data, Mapping):
            raise reading.refuse("FG102", f"{cls.what} is a mapping, not {kind_of(data)}", data)
        keys = cls.keys()
        taken: dict[str, Any] = {NODE: data}
        for entry in data.entries:
            if entry.key.text in keys:
                taken[entry.key.text] = entry.value
            else:
                cls.unknown_key(entry.key, reading)
        instead = [written_here(cls.what, entry.key.text) or "" for entry in data.entries]
        for key, required in keys.items():
            if required and key not in taken and not any(help_.startswith(f"write `{key}:") for help_ in instead):
                reading.tell("FG103", f"{cls.what} needs the key `{key}`", _head(data))
        return taken

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

    @classmethod
    def read(cls, node: Node, reading: Reading) -> Self | None:
        """The element that `node` holds, or None when a finding says why not."""
        try:
            return cls.model_validate(node, context=reading)
        except ValidationError as error:
            told = ("told", "missing", "extra_forbidden")
            for problem in error.errors(include_url=False):
                if problem["type"] not in told:
                    reading.tell("FG102", problem["msg"], _at(node, problem["loc"]))
            return None


def _head(node: Mapping) -> Node:
    return node.entries[0].key if node.entries else node


def _at(node: Node, path: Iterable[int | str]) -> Node:
    for part in path:
        child: Node | None = None
        if isinstance(node, Mapping) and isinstance(part, str):
            child = node.get(part)
        elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
            child = node.items[part]
        if child is None:
            return node
        node = child
    return node


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
