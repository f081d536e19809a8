"""Declared types by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowgen.types.algebra import ANY, ANY_TYPE, NEVER, Declaration, Object, Origin, Reference, Type, expand
from flowgen.types.json_schema_in import Boolean, Schema, SchemaReader

DEEPEST = 64
"""Longest chain of types that consist of each other (`allOf`, unions, aliases)."""

_NONE = DEEPEST


@dataclass(frozen=True, slots=True)
class Approximation:
    """A keyword of a schema that types can't express: the type has more values than the schema allows."""

    declaration: Declaration
    keyword: str
    reason: str


class Definitions:
    """Types declared by JSON Schemas, which refer to each other as `#/$defs/NAME`.

    A property with a default is present if `filled`, and may be absent otherwise (in values as they are sent). `sent`
    has the same types as they are sent. With it, the property is present only if the value alone determines where to
    fill it in: not in a union without a tag. With `open_`, every object may have undeclared fields, because nothing
    enforces the contract.
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
        """The outermost open name that was reached again."""
        self.approximations: list[Approximation] = []

    def __contains__(self, name: str) -> bool:
        return name in self.schemas

    def named(self, name: str) -> Type:
        """A reference to the declared type `name`."""
        return Type(parts=(Reference(name, self),))

    def type_of(self, schema: Schema | Boolean, declaration: Declaration | None = None) -> Type:
        """The type of a schema. `declaration` is its position."""
        return self._reader(declaration or Declaration("")).read(schema, ())

    def expansion(self, name: str) -> Type:
        """The type `name` without references at its top level: never if it is only itself, `any` if it is unknown."""
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
            return Type(ANY, unknown=Origin("it consists of too many other types", declaration=Declaration(name)))
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
            # Keep the type only if it does not depend on an open name: then it is complete.
            self._expanded[name] = type_
            self._outermost = _NONE
        self._outermost = min(self._outermost, around)
        return type_

    def _reader(self, declaration: Declaration) -> SchemaReader:
        def approximate(place: Declaration, keyword: str, reason: str) -> None:
            found = Approximation(place, keyword, reason)
            if found not in self.approximations:
                self.approximations.append(found)

        apart = None if self._sent is None else self._sent._reader(declaration)  # noqa: SLF001 - the same class
        return SchemaReader(self, declaration, self._filled, approximate, apart, open_=self._open_objects)
