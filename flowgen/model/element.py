"""How models are read from nodes: closed mappings whose fields report what is wrong, and where."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Mapped
from dataclasses import FrozenInstanceError, dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Final, Never, Self, dataclass_transform, get_args, get_origin

from flowgen.diagnostics import Diagnostic, Label, Sink, Span, did_you_mean, replacing
from flowgen.jsonata.parsing import ExpressionParser
from flowgen.model.accepts import Schema
from flowgen.model.foreign_keys import written_here
from flowgen.source import Mapping, Node, kind_of, read

REQUIRED: Final = object()
"""The default of a key that must be present."""


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

    `about` describes the key, unless the field has its own description. `accepts` is the JSON Schema of what `read`
    accepts; a class of readers has it as a property instead.
    """

    read: Callable[[Any, Reading], Any]
    about: str = ""
    accepts: Schema | None = field(default=None, compare=False)

    @property
    def schema(self) -> Schema:
        """The JSON Schema of what the field accepts. Raises AttributeError if the reader has none."""
        own: Any = self.read
        schema: Schema = own.accepts if self.accepts is None else self.accepts
        return schema


@dataclass(frozen=True, slots=True)
class _Declared:
    """What a class body says about a field, except its annotation."""

    default: Any = REQUIRED
    default_factory: Callable[[], Any] | None = None
    alias: str | None = None
    description: str = ""
    examples: tuple[Any, ...] = ()


def Field(  # noqa: N802 - named as in pydantic, whose models declare fields the same way
    default: Any = REQUIRED,
    *,
    default_factory: Callable[[], Any] | None = None,
    alias: str | None = None,
    description: str = "",
    examples: Iterable[Any] = (),
) -> Any:
    """Declares a field of an element. `alias` is its YAML key if the field has a different name."""
    return _Declared(default, default_factory, alias, description, tuple(examples))


@dataclass(frozen=True, slots=True)
class Key:
    """A YAML key of an element: the field for its value, and the reader, or the class if the value is an element."""

    name: str
    field: str
    value: Read | type[Element]
    declared: _Declared

    @property
    def required(self) -> bool:
        return self.declared.default is REQUIRED and self.declared.default_factory is None

    @property
    def default(self) -> Any:
        """The value if the key is missing; `REQUIRED` if there is none."""
        factory = self.declared.default_factory
        return self.declared.default if factory is None else factory()

    @property
    def about(self) -> str:
        """The description of the key: its own, or else that of its reader or element."""
        if self.declared.description:
            return self.declared.description
        return self.value.about if isinstance(self.value, Read) else self.value.about_itself()

    @property
    def examples(self) -> tuple[Any, ...]:
        return self.declared.examples

    def read(self, node: Node, reading: Reading) -> Any:
        """The value in `node`. Raises Unread after reporting a diagnostic."""
        if isinstance(self.value, Read):
            return self.value.read(node, reading)
        element = self.value.read(node, reading)
        if element is None:
            raise Unread
        return element


# See docs/explanation/decisions.md#models-read-themselves
@dataclass_transform(eq_default=False, frozen_default=True, kw_only_default=True, field_specifiers=(Field,))
class Element:
    """A mapping in the workflow file: frozen, closed, with its node.

    Subclasses declare their fields like dataclasses. Nothing is generated for a class, and its annotations are
    evaluated when the first element is read: `check` imports all classes, but a workflow uses few of them.
    """

    what: ClassVar[str] = "this"
    """The element in a message: `a function`."""
    constraints: ClassVar[Schema] = {}
    """JSON Schema for what its keys require of each other."""

    if TYPE_CHECKING:
        node: Mapping

    @classmethod
    def fields(cls) -> dict[str, Key]:
        """The keys by the names of their fields: inherited ones first."""
        if cls not in _FIELDS:
            inherited = [base.fields() for base in cls.__bases__ if issubclass(base, Element)]
            _FIELDS[cls] = {name: key for keys in (*inherited, _own_fields(cls)) for name, key in keys.items()}
        return _FIELDS[cls]

    @classmethod
    def keys(cls) -> dict[str, bool]:
        """The element's YAML keys, and whether each is required."""
        return {key.name: key.required for key in cls.fields().values()}

    @classmethod
    def about_itself(cls) -> str:
        """The first paragraph of the class's docstring, on one line."""
        return " ".join((cls.__doc__ or "").partition("\n\n")[0].split())

    @classmethod
    def made(cls, node: Mapping, **values: Any) -> Self:
        """An element from values that have been read, by field name; missing fields get their defaults."""
        element = cls.__new__(cls)
        missing = {name: key.default for name, key in cls.fields().items() if name not in values}
        element.__dict__.update(missing, **values, node=node)
        return element

    def replace(self, **values: Any) -> Self:
        """A copy of the element with other values, by field name."""
        copied = self.__new__(type(self))
        copied.__dict__.update(self.__dict__, **values)
        return copied

    def __setattr__(self, name: str, value: Any) -> None:
        raise FrozenInstanceError(name)

    @classmethod
    def read(cls, node: Node, reading: Reading) -> Self | None:
        """The element in `node`, or None if a diagnostic was reported."""
        if not isinstance(node, Mapping):
            reading.tell("FG102", f"{cls.what} must be a mapping, not {kind_of(node)}", node)
            return None
        keys = {key.name: key for key in cls.fields().values()}
        given: dict[str, Node] = {}
        for entry in node.entries:
            if entry.key.text in keys:
                given[entry.key.text] = entry.value
            else:
                cls.unknown_key(entry.key, reading)
        missing = [name for name, key in keys.items() if key.required and name not in given]
        instead = [written_here(cls.what, entry.key.text) or "" for entry in node.entries] if missing else []
        for name in missing:
            if not any(help_.startswith(f"write `{name}:") for help_ in instead):
                reading.tell("FG103", f"{cls.what} needs the key `{name}`", _head(node))
        values: dict[str, Any] = {}
        for name, key in keys.items():
            if name in given:
                try:
                    values[key.field] = key.read(given[name], reading)
                except Unread:
                    missing.append(name)
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


_FIELDS: Final[dict[type[Element], dict[str, Key]]] = {}
"""The fields of the classes that were read so far."""


def _own_fields(element: type[Element]) -> dict[str, Key]:
    """The keys that a class itself declares, by the names of their fields."""
    keys: dict[str, Key] = {}
    for name, annotation in inspect.get_annotations(element, eval_str=True).items():
        origin: Any = get_origin(annotation)
        if origin is not ClassVar:
            default = vars(element).get(name, REQUIRED)
            declared = default if isinstance(default, _Declared) else _Declared(default)
            keys[name] = Key(declared.alias or name, name, _value(annotation), declared)
    return keys


def _value(annotation: Any) -> Read | type[Element]:
    """The `Read` of a field's annotation (or of its non-None part), or the class of the element."""
    for part in (annotation, *get_args(annotation)):
        for one in (*getattr(part, "__metadata__", ()), part):
            if isinstance(one, Read) or (isinstance(one, type) and issubclass(one, Element)):
                return one
    return _NOT_IN_YAML


def _not_in_yaml(node: Node, reading: Reading) -> Never:
    del reading
    raise TypeError(node)


_NOT_IN_YAML = Read(_not_in_yaml)
"""The reader of fields of elements that are made in code."""


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
