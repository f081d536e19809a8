"""The types of a contract: their notation, and JSON Schema.

In: the text of a type expression. Out: its syntax tree, and JSON Schema 2020-12 for it.
Never: YAML, expressions, files, anything of AWS's. Pure.
"""

from flowgen.types.notation import (
    FORMATS,
    PRIMITIVES,
    ArrayOf,
    Format,
    MapOf,
    Named,
    NotationFailure,
    Nullable,
    Primitive,
    TypeExpression,
    Union,
    WithDefault,
    names_in,
    parse,
)
from flowgen.types.schema import schema_of

__all__ = [
    "FORMATS",
    "PRIMITIVES",
    "ArrayOf",
    "Format",
    "MapOf",
    "Named",
    "NotationFailure",
    "Nullable",
    "Primitive",
    "TypeExpression",
    "Union",
    "WithDefault",
    "names_in",
    "parse",
    "schema_of",
]
