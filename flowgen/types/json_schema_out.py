"""Writes types as JSON Schema 2020-12, with declared types as `#/$defs/NAME`."""

from __future__ import annotations

from typing import Any, assert_never

from flowgen.types.algebra import (
    ABSENT,
    ANY,
    BOOLEAN,
    FRACTION,
    INTEGER,
    NULL,
    TEXT,
    TRUE,
    Array,
    Function,
    Object,
    Part,
    Reference,
    Type,
    present,
)
from flowgen.types.other_strings import is_other

Schema = dict[str, Any]


def json_schema(type_: Type) -> Schema:
    """The schema of the JSON values of `type_`. The caller handles a type that may be undefined.

    >>> from flowgen.types.algebra import NULL_TYPE, TEXT_TYPE, union
    >>> json_schema(union(TEXT_TYPE, NULL_TYPE))
    {'type': ['null', 'string']}
    """
    if type_.atoms & ANY:
        return {}
    options = [*_scalars(type_), *(_part(part) for part in type_.parts)]
    if not options:
        return {"not": {}}
    return options[0] if len(options) == 1 else {"anyOf": options}


def _scalars(type_: Type) -> list[Schema]:
    atoms = type_.atoms & ~ABSENT
    kinds = [
        name
        for bits, name in (
            (NULL, "null"),
            (BOOLEAN, "boolean"),
            (FRACTION, "number"),
            (INTEGER, "integer"),
            (TEXT, "string"),
        )
        if atoms & bits == bits and not (name == "integer" and atoms & FRACTION)
    ]
    options: list[Schema] = [{"type": kinds if len(kinds) > 1 else kinds[0]}] if kinds else []
    members: list[Any] = sorted(type_.literals, key=lambda value: (isinstance(value, str), value))
    if atoms & BOOLEAN and atoms & BOOLEAN != BOOLEAN:
        members.append(bool(atoms & TRUE))
    if members:
        options.append({"const": members[0]} if len(members) == 1 else {"enum": members})
    formats = sorted(type_.formats)
    options += [{"type": "string"} if is_other(name) else {"type": "string", "format": name} for name in formats]
    return options


def _part(part: Part) -> Schema:
    match part:
        case Reference(name=name):
            return {"$ref": f"#/$defs/{name}"}
        case Array():
            return _array(part)
        case Object(name=str(name)):
            return {"$ref": f"#/$defs/{name}"}
        case Object():
            return _object(part)
        case Function():
            return {"not": {}}
        case _:
            assert_never(part)


def _array(array: Array) -> Schema:
    schema: Schema = {"type": "array"}
    if array.prefix:
        schema["prefixItems"] = [json_schema(item) for item in array.prefix]
    if array.rest.is_never:
        schema["items"] = False
    elif not array.rest.is_any:
        schema["items"] = json_schema(array.rest)
    if array.least:
        schema["minItems"] = array.least
    if array.most is not None and not (array.rest.is_never and array.most == len(array.prefix)):
        schema["maxItems"] = array.most
    return schema


def _object(value: Object) -> Schema:
    schema: Schema = {"type": "object"}
    if value.fields:
        schema["properties"] = {name: json_schema(present(found)) for name, found in value.fields.items()}
    required = [name for name, found in value.fields.items() if not found.may_be_absent]
    if required:
        schema["required"] = required
    if value.rest.is_never:
        schema["additionalProperties"] = False
    elif not value.rest.is_any:
        schema["additionalProperties"] = json_schema(value.rest)
    return schema
