"""Declared types by their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowgen.types.algebra import ANY, ANY_TYPE, NEVER, Declaration, Object, Origin, Reference, Type, expand
from flowgen.types.json_schema_in import Boolean, Schema, SchemaReader

DEEPEST = 64
"""How many types may be made of each other, each of the next one itself (`allOf`, unions, other names)."""

_NONE = DEEPEST


@dataclass(frozen=True, slots=True)
class Approximation:
    """A keyword of a schema that a type can't say: the type has more values than the schema allows."""

    declaration: Declaration
    keyword: str
    reason: str


class Definitions:
    """Types declared by JSON Schemas, which refer to each other as `#/$defs/NAME`.

    A property with a default is there when `filled`, and may be absent otherwise (the form that is sent). With `sent`,
    the same types as they are sent, it is there only where one can fill it in who sees nothing but the value: not in a
    union without a tag. With `open_`, every object may have more fields than it declares: of what nothing enforces.
    """

    def __init__(
        self,
        schemas: Mapping[str, Schema],
        *,
        filled: bool = True,
        sent: Definitions | None = None,
        open_: bool = False,
    ) -> None:
        self.schemas = schemas
        self._open_objects = open_
        self._filled = filled
        self._sent = sent
        self._expanded: dict[str, Type] = {}
        self._open: list[str] = []
        self._outermost = _NONE
        """The first of the open names that was come upon again."""
        self.approximations: list[Approximation] = []

    def __contains__(self, name: str) -> bool:
        return name in self.schemas

    def named(self, name: str) -> Type:
        """The declared type `name`, as a reference to it."""
        return Type(parts=(Reference(name, self),))

    def type_of(self, schema: Schema | Boolean, declaration: Declaration | None = None) -> Type:
        """The type of a schema. `declaration` says where it stands."""
        return self._reader(declaration or Declaration("")).read(schema, ())

    def expansion(self, name: str) -> Type:
        """The type `name` with no reference at its top. A name that is only itself is never; an unknown one `any`."""
        found = self._expanded.get(name)
        if found is not None:
            return found
        schema = self.schemas.get(name)
        if schema is None:
            return ANY_TYPE
        if name in self._open:
            self._outermost = min(self._outermost, self._open.index(name))
            return NEVER
        if len(self._open) == DEEPEST:
            return Type(ANY, unknown=Origin("it is made of too many others", declaration=Declaration(name)))
        around, self._outermost = self._outermost, _NONE
        self._open.append(name)
        read = self._reader(Declaration(name)).read(schema, ())
        type_ = expand(read)
        self._open.pop()
        parts = [
            Object(part.fields, part.rest, name, part.declaration)
            if type(part) is Object and part.name is None
            else part
            for part in type_.parts
        ]
        if parts:
            type_ = Type(type_.atoms, type_.literals, type_.formats, tuple(parts), type_.absent, type_.unknown)
        if self._outermost >= len(self._open):
            # It hangs on nothing that is open around it. Otherwise it is more than what was found, at other times.
            self._expanded[name] = type_
            self._outermost = _NONE
        self._outermost = min(self._outermost, around)
        return type_

    def _reader(self, declaration: Declaration) -> SchemaReader:
        def approximate(place: Declaration, keyword: str, reason: str) -> None:
            found = Approximation(place, keyword, reason)
            if found not in self.approximations:
                self.approximations.append(found)

        apart = None if self._sent is None else self._sent._reader(declaration)  # noqa: SLF001 - of this very class
        return SchemaReader(self, declaration, self._filled, approximate, apart, open_=self._open_objects)
