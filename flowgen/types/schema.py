"""Converts type expressions to JSON Schema 2020-12, with declared types as `#/$defs/NAME`."""

from __future__ import annotations

from typing import Any, assert_never

from flowgen.types.notation import (
    ArrayOf,
    Format,
    MapOf,
    Named,
    Nullable,
    Primitive,
    TypeExpression,
    Union,
    WithDefault,
)

Schema = dict[str, Any]


def schema_of(tree: TypeExpression) -> Schema:
    """The JSON Schema of a type expression.

    >>> from flowgen.types.notation import parse
    >>> schema_of(parse("Line[1..50]"))
    {'type': 'array', 'items': {'$ref': '#/$defs/Line'}, 'minItems': 1, 'maxItems': 50}
    >>> schema_of(parse("email?"))
    {'anyOf': [{'type': 'string', 'format': 'email'}, {'type': 'null'}]}
    """
    match tree:
        case Named(name=name):
            return {"$ref": f"#/$defs/{name}"}
        case Primitive(name="any"):
            return {}
        case Primitive(name=name):
            return {"type": name}
        case Format(name=name):
            return {"type": "string", "format": name}
        case ArrayOf(item=item, least=least, most=most):
            bounds = {"minItems": least, "maxItems": most}
            return {
                "type": "array",
                "items": schema_of(item),
                **{key: bound for key, bound in bounds.items() if bound is not None},
            }
        case Nullable(item=item):
            return {"anyOf": [schema_of(item), {"type": "null"}]}
        case MapOf(item=item):
            return {"type": "object", "additionalProperties": schema_of(item)}
        case Union(options=options):
            return {"anyOf": [schema_of(option) for option in options]}
        case WithDefault(item=item, default=default):
            return {**schema_of(item), "default": default}
        case _:
            assert_never(tree)


def json_type(value: object) -> str:
    """The JSON type of a value in the words of JSON Schema; a whole number is a `number`."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
