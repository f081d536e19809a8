"""Reads JSON Schema 2020-12 as types.

A type never has fewer values than its schema, because keywords that types can't express are left out. `not`,
conditions between fields and similar keywords are reported as approximations. Ranges, patterns and lengths of strings
are not part of types: the generated code checks them at run time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

from flowgen.types.algebra import (
    ANY,
    ANY_TYPE,
    BOOLEAN_TYPE,
    INTEGER_TYPE,
    NEVER,
    NULL_TYPE,
    NUMBER_TYPE,
    TEXT_TYPE,
    UNDECLARED,
    Array,
    Declaration,
    Object,
    Origin,
    Type,
    array_of,
    optional,
    record,
    union,
)
from flowgen.types.narrowing import meet
from flowgen.types.notation import FORMATS
from flowgen.types.values import contains, type_of_value

Schema = dict[str, Any]
Boolean: TypeAlias = bool
"""`true` and `false` are valid schemas."""
Pointer = tuple[str | int, ...]
Approximate = Callable[[Declaration, str, str], None]

_OBJECT_KEYWORDS = ("properties", "required", "additionalProperties", "patternProperties", "propertyNames")
_ARRAY_KEYWORDS = ("items", "prefixItems", "minItems", "maxItems")
_UNTYPED = ("not", "dependentSchemas", "dependentRequired")
_KINDS = ("null", "boolean", "number", "string", "array", "object")


class References(Protocol):
    """Looks up declared types."""

    def named(self, name: str) -> Type: ...


class SchemaReader:
    """Reads the schema that `declaration` names, or one inside it."""

    def __init__(
        self,
        references: References,
        declaration: Declaration,
        filled: bool,  # noqa: FBT001 - passed on
        approximate: Approximate,
        apart: SchemaReader | None = None,
        *,
        open_: bool = False,
    ) -> None:
        self._open = open_
        self._references, self._declaration, self._filled = references, declaration, filled
        self._approximate = approximate
        self._apart = apart or self
        """Reads the parts in which defaults are not filled in."""

    def read(self, schema: Schema | Boolean, pointer: Pointer, *, constraint: bool = False) -> Type:
        """The type of a schema. A `constraint` without `type` does not restrict other kinds of values."""
        if schema is True or schema == {}:
            return Type(ANY, unknown=Origin("it is declared `any`", declaration=self._at(pointer)))
        if schema is False:
            return NEVER
        assert isinstance(schema, dict)  # noqa: S101 - the two booleans are handled above
        found = self._own(schema, pointer, constraint=constraint)
        if "$ref" in schema:
            found = meet(self._reference(schema["$ref"]), found)
        for index, member in enumerate(schema.get("allOf", ())):
            found = meet(found, self._apart.read(member, (*pointer, "allOf", index), constraint=True))
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                reader = self if _is_filled(keyword, schema) else self._apart
                options = [
                    reader.read(option, (*pointer, keyword, index), constraint=constraint)
                    for index, option in enumerate(schema[keyword])
                ]
                found = meet(found, union(*options))
        if "if" in schema:
            found = self._condition(schema, found, pointer)
        for keyword in _UNTYPED:
            if keyword in schema:
                self._approximate(self._at(pointer), keyword, f"`{keyword}` is checked at run time only")
        return found

    def _at(self, pointer: Pointer) -> Declaration:
        return Declaration(self._declaration.name, (*self._declaration.pointer, *pointer))

    def _reference(self, target: str) -> Type:
        return self._references.named(target.rpartition("/")[2])

    def _condition(self, schema: Schema, found: Type, pointer: Pointer) -> Type:
        reason = "the type allows `then` and `else`; which of them applies is checked at run time only"
        self._approximate(self._at(pointer), "if", reason)
        read = self._apart.read
        holds = meet(found, read(schema["if"], (*pointer, "if"), constraint=True))
        then = meet(holds, read(schema.get("then", True), (*pointer, "then"), constraint=True))
        other = meet(found, read(schema.get("else", True), (*pointer, "else"), constraint=True))
        return union(then, other)

    def _own(self, schema: Schema, pointer: Pointer, *, constraint: bool) -> Type:
        if "const" in schema:
            return self._of_kinds(schema, type_of_value(schema["const"]))
        if "enum" in schema:
            return self._of_kinds(schema, union(*map(type_of_value, schema["enum"])))
        kinds = schema.get("type")
        if kinds is None:
            return self._untyped(schema, pointer, constraint=constraint)
        return union(*(self._kind(kind, schema, pointer) for kind in ([kinds] if isinstance(kinds, str) else kinds)))

    def _of_kinds(self, schema: Schema, type_: Type) -> Type:
        kinds = schema.get("type")
        if kinds is None:
            return type_
        names = [kinds] if isinstance(kinds, str) else kinds
        return meet(type_, union(*(self._kind(kind, {}, ()) for kind in names)))

    def _untyped(self, schema: Schema, pointer: Pointer, *, constraint: bool) -> Type:
        of_object = any(keyword in schema for keyword in _OBJECT_KEYWORDS)
        of_array = any(keyword in schema for keyword in _ARRAY_KEYWORDS)
        if not of_object and not of_array:
            return TEXT_TYPE if "format" in schema and not constraint else ANY_TYPE
        if constraint:
            restricted = [kind for kind, of in (("object", of_object), ("array", of_array)) if of]
            return union(*(self._kind(kind, schema if kind in restricted else {}, pointer) for kind in _KINDS))
        kind = "object" if of_object else "array"
        self._approximate(self._at(pointer), "type", f"without `type`, this is assumed to be an {kind}")
        return self._kind(kind, schema, pointer)

    def _kind(self, kind: str, schema: Schema, pointer: Pointer) -> Type:
        match kind:
            case "null":
                return NULL_TYPE
            case "boolean":
                return BOOLEAN_TYPE
            case "integer":
                return INTEGER_TYPE
            case "number":
                return NUMBER_TYPE
            case "string":
                name = schema.get("format")
                return Type(formats=frozenset((name,))) if name in FORMATS else TEXT_TYPE
            case "array":
                return self._array(schema, pointer) if schema else array_of(ANY_TYPE)
            case "object":
                return self._object(schema, pointer) if schema else record({}, ANY_TYPE)
            case _:
                return ANY_TYPE

    def _array(self, schema: Schema, pointer: Pointer) -> Type:
        prefix = tuple(
            self._apart.read(item, (*pointer, "prefixItems", index))
            for index, item in enumerate(schema.get("prefixItems", ()))
        )
        rest = self.read(schema.get("items", True), (*pointer, "items"))
        least, most = schema.get("minItems", 0), schema.get("maxItems")
        if rest.is_never:
            most = len(prefix) if most is None else min(most, len(prefix))
        return Type(parts=(Array(prefix, rest, least, most),))

    def _object(self, schema: Schema, pointer: Pointer) -> Type:
        required = schema.get("required", ())
        fields: dict[str, Type] = {}
        for name, property_ in schema.get("properties", {}).items():
            at = (*pointer, "properties", name)
            type_ = self.read(property_, at)
            # A default is a value as it is sent, so its own defaults are not filled in.
            is_present = name in required or (
                self._filled and _default_fits(property_, self._apart.read(property_, at))
            )
            if not is_present:
                why = f"`{name}` may be absent{self._owner()}"
                if isinstance(property_, dict) and "default" in property_:
                    why += ", and its default is not filled in here"
                type_ = optional(type_, Origin(why, declaration=self._at(at)))
            fields[name] = type_
        rest = self.read(schema.get("additionalProperties", True), (*pointer, "additionalProperties"))
        if schema.get("unevaluatedProperties") is False:
            rest = NEVER
        for pattern, property_ in schema.get("patternProperties", {}).items():
            self._approximate(self._at(pointer), "patternProperties", "patterns of names are checked at run time only")
            rest = union(rest, self._apart.read(property_, (*pointer, "patternProperties", pattern)))
        for name in required:
            if name not in fields and not rest.is_never:
                fields[name] = rest
        if rest.is_never:
            rest = UNDECLARED if self._open else NEVER
        return Type(parts=(Object(fields, rest, None, self._at(pointer)),))

    def _owner(self) -> str:
        return f" from `{self._declaration.name}`" if self._declaration.name else ""


def _is_filled(keyword: str, schema: Schema) -> bool:
    """Whether defaults can be filled in: a tag selects the option, or the only other option is null."""
    if keyword == "oneOf" and "discriminator" in schema:
        return True
    others = [option for option in schema[keyword] if option != {"type": "null"}]
    return keyword == "anyOf" and len(others) == 1


def _default_fits(property_: Schema | Boolean, type_: Type) -> bool:
    return isinstance(property_, dict) and "default" in property_ and contains(type_, property_["default"])
