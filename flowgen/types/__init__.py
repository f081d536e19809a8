"""The types of contracts: their notation, JSON Schema, and the type algebra that `check` uses.

In: type expressions, JSON Schemas. Out: syntax trees, JSON Schema 2020-12; types, whether one is assignable to another
(`assign`) and why not, narrowed types (`meet`, `refine`), and their text (`show`).
Never: YAML, expressions, files, AWS. Pure functions.

`Definitions` holds the declared types; `definitions.named("Order")` and `definitions.type_of(schema)` return a `Type`.
`union` joins types, `assign(source, target)` returns None or a `Mismatch`, `json_schema` converts a type to a schema,
and `contains` tests a JSON value. Constructors: `record`, `array_of`, `tuple_of`, `literal`, `optional`, `unknown`.
"""

from flowgen.types.algebra import (
    ANY_TYPE,
    BOOLEAN_TYPE,
    INTEGER_TYPE,
    NEVER,
    NOTHING_TYPE,
    NULL_TYPE,
    NUMBER_TYPE,
    TEXT_TYPE,
    Array,
    Declaration,
    Object,
    Origin,
    Reference,
    Type,
    array_of,
    expand,
    literal,
    optional,
    present,
    record,
    tuple_of,
    union,
    unknown,
    widen,
)
from flowgen.types.assignability import assign
from flowgen.types.definitions import Approximation, Definitions
from flowgen.types.json_schema_out import json_schema
from flowgen.types.mismatch import Doubt, Mismatch, MismatchKind, show_path
from flowgen.types.narrowing import meet, refine, without
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
from flowgen.types.printing import show
from flowgen.types.schema import schema_of
from flowgen.types.values import contains, type_of_value

__all__ = [
    "ANY_TYPE",
    "BOOLEAN_TYPE",
    "FORMATS",
    "INTEGER_TYPE",
    "NEVER",
    "NOTHING_TYPE",
    "NULL_TYPE",
    "NUMBER_TYPE",
    "PRIMITIVES",
    "TEXT_TYPE",
    "Approximation",
    "Array",
    "ArrayOf",
    "Declaration",
    "Definitions",
    "Doubt",
    "Format",
    "MapOf",
    "Mismatch",
    "MismatchKind",
    "Named",
    "NotationFailure",
    "Nullable",
    "Object",
    "Origin",
    "Primitive",
    "Reference",
    "Type",
    "TypeExpression",
    "Union",
    "WithDefault",
    "array_of",
    "assign",
    "contains",
    "expand",
    "json_schema",
    "literal",
    "meet",
    "names_in",
    "optional",
    "parse",
    "present",
    "record",
    "refine",
    "schema_of",
    "show",
    "show_path",
    "tuple_of",
    "type_of_value",
    "union",
    "unknown",
    "widen",
    "without",
]
