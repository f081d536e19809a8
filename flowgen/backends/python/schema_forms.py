"""The forms of JSON Schema that matter for Python types: keywords, formats, and schemas in a simpler form."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

OWN_FORMATS = {
    "email": "EmailText",
    "idn-email": "EmailText",
    "hostname": "HostnameText",
    "idn-hostname": "HostnameText",
    "uri": "UriText",
    "iri": "UriText",
    "uri-reference": "UriReferenceText",
    "iri-reference": "UriReferenceText",
}
"""Formats that stay strings, checked by the runtime: pydantic's types would change the string, or need a library."""

PYTHON_FORMATS = {
    "date-time": "JsonDateTime",
    "date": "JsonDate",
    "time": "JsonTime",
    "duration": "JsonDuration",
    "uuid": "JsonUuid",
    "ipv4": "JsonIPv4",
    "ipv6": "JsonIPv6",
}
"""Formats with their own Python type, by the name of that type in the runtime."""

CHECKED_FORMATS = frozenset(
    {*OWN_FORMATS, *PYTHON_FORMATS, "json-pointer", "relative-json-pointer", "uri-template", "regex"}
)
"""Formats that the runtime checks."""

_STRING = ("format", "pattern", "minLength", "maxLength")
_NUMBER = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_ARRAY = ("items", "prefixItems", "minItems", "maxItems")
_OBJECT = ("properties", "required", "additionalProperties", "patternProperties", "minProperties", "maxProperties")
BY_TYPE = {"string": _STRING, "integer": _NUMBER, "number": _NUMBER, "array": _ARRAY, "object": _OBJECT}
"""The keywords that apply to one JSON type only."""

BOUNDS = frozenset({"minLength", "maxLength", *_NUMBER, "minItems", "maxItems", "minProperties", "maxProperties"})
IN_PLACE = frozenset({"type", "format", "enum", "const", "$ref", "anyOf", "oneOf", "items", "additionalProperties"})
EXTENDS = "x-extends"
"""Marks a record that is written as its bases and its own fields: its class inherits, and it has the fields of all."""

ASSERTIONS = frozenset(
    {
        *("$ref", "type", "enum", "const", "format", "pattern", "minLength", "maxLength", *_NUMBER),
        *("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains"),
        *_OBJECT,
        *("propertyNames", "dependentRequired", "dependentSchemas", "unevaluatedItems", "unevaluatedProperties"),
        *("allOf", "anyOf", "oneOf", "not", "if", "then", "else"),
    }
)
"""The keywords that decide whether a value is valid."""

OBJECT_KEYWORDS = frozenset({*_OBJECT, "propertyNames", "dependentRequired", "dependentSchemas"})
"""The keywords that only apply to objects."""

NOTES = frozenset({"title", "description", "default", "examples", "deprecated"})
KEYWORDS = IN_PLACE.union(("allOf", "discriminator"), *BY_TYPE.values())
SCALARS = (str, int, bool, type(None))
UNFIT_IN_PLACE = frozenset({"allOf", "discriminator", "patternProperties"})

JSON_TYPES: dict[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
    list: "array",
    dict: "object",
}


def is_large(value: Any) -> bool:
    """Whether a value is an integer of more than 64 bits, which neither mypy nor pydantic accepts in a Literal."""
    return isinstance(value, int) and not -(2**63) <= value < 2**63


def types_of(schema: Schema) -> list[str]:
    """The JSON types that a schema's own `type` allows."""
    types = schema.get("type", list(JSON_TYPES.values()))
    return types if isinstance(types, list) else [types]


def joined(schema: Schema) -> Schema:
    """The schema, with a `$ref` next to other keywords moved into `allOf`."""
    siblings = ASSERTIONS.intersection(schema) - {"$ref", "type"}
    if "$ref" not in schema or not siblings:
        return schema
    rest = {key: value for key, value in schema.items() if key not in ("$ref", "discriminator")}
    return {**rest, "allOf": [{"$ref": schema["$ref"]}, *schema.get("allOf", ())]}


def single(schema: Schema) -> Schema:
    """The schema with at most one type: several types with keywords become a union."""
    types = schema.get("type")
    if not isinstance(types, list):
        return schema
    if len(types) == 1:
        return {**schema, "type": types[0]}
    if "enum" in schema or "const" in schema or not KEYWORDS.intersection(schema) - {"type"}:
        return schema
    shared = {key: value for key, value in schema.items() if key not in KEYWORDS}
    return shared | {
        "anyOf": [
            {"type": kind, **{key: schema[key] for key in BY_TYPE.get(kind, ()) if key in schema}} for kind in types
        ]
    }


def is_record(schema: Schema) -> bool:
    """Whether the schema becomes a class: an object with known fields, possibly none."""
    if schema.get("type", "object") != "object" or "$ref" in schema:
        return False
    if schema.get("properties") or schema.get("required"):
        return True
    return (
        schema.get("type") == "object"
        and schema.get("additionalProperties") is False
        and not schema.get("patternProperties")
    )
