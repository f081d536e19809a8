"""The JSON Schema of types: expressions, records, tagged unions, classes, and JSON Schema itself."""

from __future__ import annotations

from typing import Final

from flowgen.model.accepts import SCALAR, TEXT, Schema, array, either, mapping, one_or_more, ref
from flowgen.model.json_schema import DEFINITIONS, KEYWORDS, SCHEMA_LISTS, SCHEMA_MAPS, SCHEMAS
from flowgen.model.leaves import PASCAL
from flowgen.types import FORMATS, PRIMITIVES

TYPES: Final[dict[str, Schema]] = {
    "type": {
        "description": "A type: an expression such as `Order`, `string?`, `Line[]`, `map<T>` or `A | B`; a list of "
        "literals; or JSON Schema.",
        **either(ref("type_expression"), ref("literals"), inside=ref("type_mapping")),
    },
    "type_expression": {
        "anyOf": [
            {"enum": [word for word in (*PRIMITIVES, *FORMATS) if word != "null"]},
            {"type": ["string", "null"], "minLength": 1},
        ]
    },
    "literals": array({"type": SCALAR}, minItems=1, description="An enumeration; one literal alone is a constant."),
    "type_mapping": {
        "type": "object",
        "if": {"anyOf": [{"required": ["fields"]}, {"required": ["extends"]}]},
        "then": ref("record"),
        "else": ref("json_schema"),
    },
    "record": {
        "type": "object",
        "properties": {
            "fields": mapping(
                ref("type"),
                description="The fields: name to type. `?` after a name: optional. `= value` after a type: its "
                "default.",
            ),
            "extends": {
                "description": "The records whose fields this one has too: a list of names, or one name.",
                **one_or_more({**TEXT, **PASCAL}),
            },
            "description": {**TEXT, "description": "Description; becomes the docstring of the model."},
        },
        "anyOf": [{"required": ["fields"]}, {"required": ["extends"]}],
        "additionalProperties": False,
    },
    "tagged_union": {
        "type": "object",
        "properties": {
            "one_of": mapping(
                {**TEXT, **PASCAL},
                minProperties=1,
                description="The values of the tag, and the type for each.",
            ),
            "tag": {**TEXT, "description": "The field that distinguishes the members."},
            "description": {**TEXT, "description": "A description for readers."},
        },
        "required": ["one_of", "tag"],
        "additionalProperties": False,
    },
    "type_declaration": {
        "description": "A type: a record (`fields`), a type expression, a list of literals, a tagged union (`one_of`), "
        "your own class (`python`), or JSON Schema 2020-12.",
        "if": {"type": "object", "required": ["one_of"]},
        "then": ref("tagged_union"),
        "else": {"if": {"type": "object", "required": ["python"]}, "then": ref("class"), "else": ref("type")},
    },
    "class": {
        "type": "object",
        "properties": {
            "python": {
                "description": "An existing class, `my_package.models:User`: a Pydantic model, a dataclass, an enum.",
                "type": "string",
                "pattern": "^[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*$",
                "patternErrorMessage": "write the module and the class: `my_package.models:User`",
                "examples": ["shop.models:User"],
            },
            "description": {**TEXT, "description": "A description for readers."},
        },
        "required": ["python"],
        "additionalProperties": False,
    },
}
"""The parts of a type, by the names under which they refer to each other."""

_JSON_TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}


def json_schema() -> Schema:
    """JSON Schema 2020-12 in a workflow, with the keywords that the model supports."""
    properties: dict[str, Schema] = {}
    for name, kinds in KEYWORDS.items():
        if name in SCHEMA_MAPS or name in DEFINITIONS:
            held = mapping({"anyOf": [{"type": "boolean"}, ref("json_schema")]})
        elif name in SCHEMAS:
            held = {"anyOf": [{"type": "boolean"}, ref("json_schema")]}
        elif name in SCHEMA_LISTS:
            held = array({"anyOf": [{"type": "boolean"}, ref("json_schema")]})
        else:
            words = [_JSON_TYPES[kind] for kind in kinds]
            held = {"type": words[0] if len(words) == 1 else words} if words else {}
        properties[name] = {"description": f"`{name}` of JSON Schema 2020-12.", **held}
    return {
        "description": "JSON Schema 2020-12.",
        "type": "object",
        "properties": properties,
        "patternProperties": {"^x-": {}},
        "additionalProperties": False,
    }
