"""JSON Schema for what each reader of the model accepts: the shapes that are not classes of the model."""

from __future__ import annotations

import keyword
from collections.abc import Callable
from typing import Any, Final

from flowgen.model.cloudformation import Section
from flowgen.model.function_arns import read_function_name
from flowgen.model.functions import _read_errors, _read_target, read_functions
from flowgen.model.json_schema import _KINDS, _SCHEMA_LISTS, _SCHEMA_MAPS, _SCHEMAS
from flowgen.model.leaves import (
    _WORDS,
    MAX_NAME,
    RESERVED,
    Fraction,
    OneOf,
    Whole,
    read_duration,
    read_flag,
    read_name,
    read_python_name,
    read_text,
)
from flowgen.model.operations import FOREVER, OnOff, _read_deployment, read_retention
from flowgen.model.policies import read_policies
from flowgen.model.stack_values import (
    MOST_TAGS,
    TAG_KEY,
    Several,
    read_arn,
    read_environment,
    read_stack_value,
    read_tags,
)
from flowgen.model.steps.base import _read_steps, read_catch, read_errors, read_retries, read_retry, read_target
from flowgen.model.steps.control import (
    _read_branches,
    _read_cases,
    _read_error_name,
    _read_fail,
    _read_rules,
    _read_text_value,
    _read_timestamp,
    _read_wait,
)
from flowgen.model.steps.loops import (
    POINTER,
    _read_concurrency,
    _read_items,
    _read_max,
    _read_pointer,
    _read_rounds,
    _read_tolerance,
    _texts,
)
from flowgen.model.steps.tasks import _METHODS, _OURS, _read_action, _read_compensation, _read_endpoint, _read_state
from flowgen.model.triggers.base import read_batch, read_filters, read_pattern, read_resource
from flowgen.model.triggers.http import METHODS, _read_headers, _read_texts, read_auth, read_cors, read_route
from flowgen.model.triggers.kinds import read_triggers
from flowgen.model.triggers.rules import S3_EVENTS, read_s3_events
from flowgen.model.types import read_type_use, read_types
from flowgen.model.values import read_expression, read_request, read_value
from flowgen.model.workflow import VERSION, _read_handlers, _read_imports, _read_version
from flowgen.types import FORMATS, PRIMITIVES

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
SCALAR: Final = ["string", "number", "boolean", "null"]
PASCAL: Final[Schema] = {
    "pattern": "^[A-Z][A-Za-z0-9]*$",
    "maxLength": MAX_NAME,
    "patternErrorMessage": "use PascalCase: letters and digits, starting with an upper-case letter",
}
NAME: Final[Schema] = {
    "type": "string",
    "pattern": "^(?!.*__)[a-z][a-z0-9_]*$",
    "maxLength": MAX_NAME,
    "patternErrorMessage": "use lower-case letters, digits and single `_`, starting with a letter",
}


def ref(name: str) -> Schema:
    """A reference to one of the definitions."""
    return {"$ref": f"#/definitions/{name}"}


def mapping(values: Schema, names: Schema | None = None, **more: Any) -> Schema:
    """An object with any keys that match `names`."""
    return {"type": "object", **({"propertyNames": names} if names else {}), "additionalProperties": values, **more}


def array(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def either(*others: Schema, inside: Schema) -> Schema:
    """An object with the schema `inside`, or one of the others.

    An editor that tries alternatives reports the best match, which need not be the object. A separate schema therefore
    checks the content of the object.
    """
    return {"anyOf": [*others, {"type": "object"}], "if": {"type": "object"}, "then": inside}


def exclusive(key: str, other: str) -> Schema:
    """The two keys exclude each other."""
    return {"if": {"required": [key]}, "then": {"properties": {other: False}}}


def _one_or_more(one: Schema) -> Schema:
    return {"anyOf": [one, array(one, minItems=1)]}


_UNIT = "|".join("".join(f"[{letter}{letter.upper()}]" for letter in word) for word in _WORDS)
_DURATION = rf"^(\s*[0-9]{{1,12}}\s*({_UNIT})\s*,?)+\s*$|^P(?=.)([0-9]+W)?([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+S)?)?$"
_ACTION = r"^(aws-sdk:)?[a-z0-9][a-z0-9-]*:[A-Za-z][A-Za-z0-9]*(\.sync(:2)?)?$"

DEFINITIONS: Final[dict[str, Schema]] = {
    "name": {"description": "A name: `send_email`.", **NAME, "not": {"enum": sorted(RESERVED)}},
    "python_name": {
        "description": "A name that is also used in Python: `send_email`.",
        **NAME,
        "not": {"enum": sorted({*RESERVED, *(word for word in keyword.kwlist if word.islower()), "generated"})},
    },
    "duration": {
        "description": "A duration: `90s`, `5m`, `2 hours`, `1 day`, `1h30m`, or ISO 8601 (`PT2H`).",
        "type": "string",
        "pattern": _DURATION,
        "patternErrorMessage": "write a duration as `90s`, `5m`, `2 hours`, `1 day`, `1h30m` or `PT2H`",
        "examples": ["90s", "2 hours", "PT2H"],
    },
    "value": {
        "description": "Any value. `${ … }` in a string is a JSONata expression; CloudFormation tags are allowed.",
        # All types: without a type, an editor does not insert a colon after the key.
        "type": ["string", "object", "array", "number", "boolean", "null"],
    },
    "stack_value": {
        "description": "A string, or a CloudFormation tag: `!Ref Topic`.",
        # An editor sees the content of a tag; readers that resolve tags see its meaning.
        "type": ["string", "object", "array"],
    },
    "expression": {
        "description": "A JSONata expression; the enclosing `${ }` is optional.",
        "type": SCALAR,
        "errorMessage": "expected an expression",
    },
    "text_value": {"description": "A string, which may contain expressions.", **TEXT},
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
                **_one_or_more({**TEXT, **PASCAL}),
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
    "statement": {
        "type": "object",
        "properties": {
            "Sid": {"description": "The name of the statement.", "type": "string", "pattern": "^[A-Za-z0-9]*$"},
            "Effect": {"description": "Allows or denies the actions.", "enum": ["Allow", "Deny"]},
            "Action": {"description": "The actions: `s3:GetObject`, or a list."},
            "NotAction": {"description": "All actions except these."},
            "Resource": {"description": "The ARNs of the resources."},
            "NotResource": {"description": "All resources except these."},
            "Condition": {"description": "When the statement applies."},
        },
        "required": ["Effect"],
        "allOf": [
            {"anyOf": [{"required": ["Action"]}, {"required": ["NotAction"]}]},
            {"anyOf": [{"required": ["Resource"]}, {"required": ["NotResource"]}]},
        ],
        "additionalProperties": False,
    },
    "resource": {
        "description": "A resource: `!Ref Name`, `!GetAtt Name.Arn`, an ARN, a name, or `${ $parameters.Name }`.",
        # CloudFormation tags resolve to a string, a list or a mapping.
        "type": ["string", "object", "array"],
    },
    "pattern": {
        "description": "An EventBridge pattern: fields, and the allowed values of each.",
        "type": "object",
    },
    "errors": {"anyOf": [TEXT, array(TEXT, minItems=1)]},
    "retry": either(
        {"type": "integer", "minimum": 0, "maximum": 99_999_999},
        ref("name"),
        array(either(ref("name"), inside=ref("retrier"))),
        inside=ref("retrier"),
    ),
    "catch": array(ref("catcher")),
    "steps": array(ref("step")),
}
"""The definitions in the schema other than the model's classes."""

SHAPES: Final[dict[Callable[..., Any], Schema]] = {
    read_text: TEXT,
    read_flag: {"type": "boolean"},
    read_name: ref("name"),
    read_python_name: ref("python_name"),
    read_duration: ref("duration"),
    read_environment: mapping(ref("stack_value"), {"pattern": "^[A-Za-z][A-Za-z0-9_]+$"}),
    read_stack_value: ref("stack_value"),
    read_arn: ref("stack_value"),
    read_tags: mapping(
        ref("stack_value"), {"maxLength": TAG_KEY, "pattern": "^(?![aA][wW][sS]:)."}, maxProperties=MOST_TAGS
    ),
    read_retention: {"anyOf": [ref("duration"), {"const": FOREVER}]},
    _read_deployment: ref("deployment"),
    read_value: ref("value"),
    read_request: ref("value"),
    read_expression: ref("expression"),
    read_type_use: ref("type"),
    read_policies: array(ref("statement")),
    read_types: mapping(ref("type_declaration"), PASCAL),
    read_functions: mapping(ref("function"), ref("python_name")),
    read_errors: ref("errors"),
    read_retry: ref("retry"),
    read_catch: ref("catch"),
    read_target: {"anyOf": [ref("name"), {"type": "null"}]},
    _read_steps: ref("steps"),
    _read_version: {"const": VERSION},
    _read_imports: {"anyOf": [TEXT, array(TEXT)]},
    read_retries: mapping(ref("retry"), ref("name")),
    _read_handlers: mapping(ref("steps"), ref("name")),
    _read_errors: either(array({**TEXT, "minLength": 1}), inside=mapping(ref("type"))),
    _read_target: {
        "type": "string",
        "pattern": "^[^:.]+(\\.[^:.]+)*:[^:.]+(\\.[^:.]+)*$",
        "patternErrorMessage": "write the module and the callable: `my_package.mail:send`",
    },
    read_function_name: {
        # An editor sees the content of a tag, so that the pattern must allow templates and attributes.
        "type": ["string", "object", "array"],
        "pattern": r"^\S+$",
        "errorMessage": "expected the name or ARN of a Lambda function, or a CloudFormation tag",
    },
    _read_text_value: ref("text_value"),
    _read_timestamp: ref("text_value"),
    _read_wait: either(ref("duration"), {"type": "string", "pattern": "\\$\\{"}, inside=ref("until")),
    _read_rules: array(ref("branch"), minItems=1),
    _read_cases: mapping(ref("steps"), minProperties=1),
    _read_branches: mapping(ref("steps"), ref("name"), minProperties=1),
    _read_error_name: {
        "type": "string",
        "pattern": "^(?!States\\.)",
        "patternErrorMessage": "names of errors that begin with `States.` are reserved for AWS",
    },
    _read_fail: either(
        {"type": "string", "pattern": "^\\s*(\\$error|\\$\\{\\s*\\$error\\s*\\})\\s*$"}, inside=ref("raised")
    ),
    _read_compensation: ref("compensation"),
    _read_action: {
        "type": "string",
        "pattern": _ACTION,
        "patternErrorMessage": "write the service and the action: `dynamodb:getItem`, `ecs:runTask.sync`",
    },
    _read_endpoint: {
        "type": "string",
        "pattern": f"^({'|'.join(_METHODS)}) +\\S",
        "patternErrorMessage": "write the method and the URL: `GET https://api.example.com/orders`",
    },
    _read_state: {
        "type": "object",
        "properties": {
            "Type": {"description": "The type of the state.", "enum": ["Task", "Pass", "Wait", "Parallel", "Map"]},
            **dict.fromkeys(_OURS, False),
        },
        "required": ["Type"],
    },
    _read_tolerance: either({"type": "integer", "minimum": 0, "maximum": 100_000_000}, inside=ref("tolerance")),
    _read_items: either(TEXT, array({}), inside=ref("reader")),
    _read_concurrency: {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 10_000}, TEXT]},
    _read_max: {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 100_000_000}, {"const": "unlimited"}]},
    _read_rounds: ref("rounds"),
    _texts: array(TEXT),
    _read_pointer: {"type": "string", "pattern": f"^{POINTER}$"},
    read_triggers: mapping(ref("trigger"), ref("name")),
    read_resource: ref("resource"),
    read_pattern: ref("pattern"),
    read_filters: {"anyOf": [ref("pattern"), array(ref("pattern"), minItems=1)]},
    read_batch: either({"type": "integer", "minimum": 1, "maximum": 10_000}, inside=ref("batching")),
    read_s3_events: _one_or_more({"enum": list(S3_EVENTS)}),
    read_route: {
        "type": "string",
        "pattern": f"^({'|'.join(METHODS)}) +/",
        "patternErrorMessage": "write a method and a path: `POST /orders`",
    },
    _read_texts: _one_or_more(TEXT),
    _read_headers: mapping(TEXT),
    read_auth: either(
        {"enum": ["iam", "none"]},
        inside={
            "type": "object",
            "properties": {"jwt": {"description": "JSON Web Tokens (JWTs) from an issuer.", **ref("jwt")}},
            "required": ["jwt"],
            "additionalProperties": False,
        },
    ),
    read_cors: either(TEXT, array(TEXT), inside=ref("cors")),
}
"""The schemas of the functions that read fields."""


def shape(read: Callable[..., Any]) -> Schema:
    """The schema of what a reader accepts. Raises KeyError if the reader has no shape here."""
    match read:
        case Whole(least, most):
            return {"type": "integer", "minimum": least, "maximum": most}
        case Fraction(least, most):
            return {"type": "number", "minimum": least, "maximum": most}
        case OneOf(words):
            return {"enum": list(words)}
        case Several(_, most):
            return {"anyOf": [ref("stack_value"), array(ref("stack_value"), maxItems=most)]}
        case OnOff(of):
            return either({"type": "boolean"}, inside=ref(of.__name__.lower()))
        case Section():
            return mapping(_declared(read), {"pattern": "^[A-Z][A-Za-z0-9]{0,254}$"})
        case _:
            return SHAPES[read]


def _declared(section: Section) -> Schema:
    if not section.keys:
        return {"type": ["object", "array", "string"]}
    return {
        "type": "object",
        "properties": {
            key: {"description": about, **(TEXT if key in ("Type", "Description") else {})}
            for key, about in section.keys.items()
        },
        "required": [next(iter(section.keys))],
        "additionalProperties": False,
    }


_JSON_TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}


def json_schema() -> Schema:
    """JSON Schema 2020-12 in a workflow, with the keywords that the model supports."""
    properties: dict[str, Schema] = {}
    for name, kinds in _KINDS.items():
        if name in _SCHEMA_MAPS or name in ("$defs", "definitions"):
            held = mapping({"anyOf": [{"type": "boolean"}, ref("json_schema")]})
        elif name in _SCHEMAS:
            held = {"anyOf": [{"type": "boolean"}, ref("json_schema")]}
        elif name in _SCHEMA_LISTS:
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
