"""What the reader of a field accepts, as JSON Schema (draft-07) for editors.

In: schemas as plain data, in which `$ref` may be a `Named`, an element's class, or a name of `flowgen.model.schema`.
Out: larger schemas. Never: a workflow; a check that `flowgen check` relies on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Schema: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Named:
    """A schema that occurs once, under `definitions`."""

    name: str
    schema: Schema


TEXT: Final[Schema] = {"type": "string"}
SCALAR: Final = ["string", "number", "boolean", "null"]


def ref(target: str | Named | type) -> Schema:
    """A reference to a schema under `definitions`: of an element, or of this name."""
    return {"$ref": target}


def mapping(values: Schema, names: Schema | None = None, **more: Any) -> Schema:
    """An object with any keys that match `names`."""
    return {"type": "object", **({"propertyNames": names} if names else {}), "additionalProperties": values, **more}


def array(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def one_or_more(one: Schema) -> Schema:
    """One item, or a list of items."""
    return {"anyOf": [one, array(one, minItems=1)]}


def either(*others: Schema, inside: Schema) -> Schema:
    """An object with the schema `inside`, or one of the others.

    An editor that tries alternatives reports the best match, which need not be the object. A separate schema therefore
    checks the content of the object.
    """
    return {"anyOf": [*others, {"type": "object"}], "if": {"type": "object"}, "then": inside}


def exclusive(key: str, other: str) -> Schema:
    """The two keys exclude each other."""
    return {"if": {"required": [key]}, "then": {"properties": {other: False}}}
