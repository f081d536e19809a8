"""Validators for parsed JSON, which need not be serialized first.

Pydantic validates JSON text by strict rules ("1" is not a number, but a string may be a date), and Python values by
other rules: lax ones, which convert strings to numbers, or strict ones, which require a date to be a `date`. The
validators here apply the rules for JSON text to Python values. They rewrite pydantic's schema, part by part. If any
part of a type might behave differently, the type has no such validator, and callers validate its JSON text instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pydantic_core import CoreSchema, SchemaError, SchemaValidator

from .base import MOST_SIMPLE, Matching

_Schema = dict[str, Any]

_DATE = r"^\d{4}-\d\d-\d\d$"
"""A date in JSON. The rules for Python values would also accept a date with the time of midnight."""

_SETTINGS = frozenset({"title", "extra_fields_behavior", "validate_by_name", "validate_by_alias"})
"""Settings of a model that affect both kinds of input alike. Others may not."""

_KINDS = {
    "none": "null",
    "bool": "boolean",
    "int": "number",
    "float": "number",
    "str": "string",
    "uuid": "string",
    "date": "string",
    "datetime": "string",
    "time": "string",
    "timedelta": "string",
    "list": "array",
    "dict": "object",
    "model": "object",
    "tagged-union": "object",
}
"""The JSON type of values, by the type of their schema."""

_LITERALS: dict[type, set[str]] = {
    str: {"string"},
    bool: {"boolean", "number"},
    int: {"boolean", "number"},
    type(None): {"null"},
}
"""The JSON types that a literal accepts: in Python, true equals 1."""


class _UnsureError(Exception):
    """A part of a schema might behave differently for JSON text."""


def reader(schema: CoreSchema) -> SchemaValidator | None:
    """A validator that converts parsed JSON exactly as strict validation of its text does; None if there is none.

    It may reject valid JSON, such as 1.0 for an integer.
    """
    return _validator(schema, converting=True)


def checker(schema: CoreSchema) -> SchemaValidator | None:
    """A validator that rejects parsed JSON which strict validation of its text rejects or adds defaults to.

    Its result is not meant to be used. None if there is none, such as for a type that accepts any value: not every
    Python value is JSON.
    """
    return _validator(schema, converting=False)


def _validator(schema: CoreSchema, *, converting: bool) -> SchemaValidator | None:
    rewriting = _Rewriting(converting)
    try:
        written = rewriting.of(cast("_Schema", schema))
        # Prebuilt validators of models would apply the original rules.
        return SchemaValidator(cast("CoreSchema", written), None, _use_prebuilt=False)
    except (_UnsureError, TypeError, LookupError, SchemaError):
        # Other versions of pydantic may have other arguments or schemas.
        return None


class _Rewriting:
    """Rewrites a schema, either for converting values or only for checking them."""

    def __init__(self, converting: bool) -> None:  # noqa: FBT001 - private, with one caller
        self.converting = converting
        self.definitions: Mapping[str, _Schema] = {}

    def of(self, schema: _Schema) -> _Schema:
        written = {key: value for key, value in self.part(schema).items() if key != "ref"}
        return {**written, "ref": schema["ref"]} if "ref" in schema else written

    def part(self, schema: _Schema) -> _Schema:
        kind: str = schema["type"]
        match kind:
            case "none" | "definition-ref":
                return schema
            case "any" if self.converting:
                return schema
            case "str" if "coerce_numbers_to_str" not in schema:
                return {**schema, "strict": True}
            case "int" | "bool":
                return {**schema, "strict": True}
            case "float":
                return {**schema, "strict": True, "allow_inf_nan": False}
            case "literal" if all(type(member) in _LITERALS for member in schema["expected"]):
                return schema
            case "uuid" | "datetime" | "time" | "timedelta":
                return _of_string(schema)
            case "date":
                return _of_string(schema, pattern=_DATE)
            case "list":
                return {**schema, "strict": True, **self.inner(schema, "items_schema")}
            case "dict" if schema.get("keys_schema", {"type": "str"})["type"] == "str":
                return {**schema, "strict": True, **self.inner(schema, "keys_schema", "values_schema")}
            case "nullable":
                return {**schema, **self.inner(schema, "schema")}
            case "default" if schema.get("on_error", "raise") == "raise":
                return {**schema, **self.inner(schema, "schema")}
            case "function-after" if schema["schema"] == {"type": "str"} and _simple(schema) is not None:
                return {"type": "str", "strict": True, "pattern": _simple(schema), "max_length": MOST_SIMPLE}
            case "function-after" if hasattr(schema["function"]["function"], "check_json"):
                return self.constrained(schema)
            case "function-plain" if schema["function"]["type"] == "no-info":
                # It receives the same Python value in both cases.
                return {"type": "function-plain", "function": schema["function"]}
            case "function-after" | "function-before" if schema["function"]["type"] == "no-info":
                return {**schema, **self.inner(schema, "schema")}
            case "json-or-python":
                return self.of(schema["json_schema"])
            case "lax-or-strict":
                return self.of(schema["strict_schema"])
            case "union" if _json_type(schema["choices"][-1]) is not None:
                return self.format(schema)
            case "union":
                return self.union(schema)
            case "tagged-union" if isinstance(schema["discriminator"], str):
                choices = {tag: self.of(choice) for tag, choice in schema["choices"].items()}
                return {**schema, "choices": choices}
            case "definitions":
                self.definitions = {definition["ref"]: definition for definition in schema["definitions"]}
                definitions = [self.of(definition) for definition in schema["definitions"]]
                return {**schema, **self.inner(schema, "schema"), "definitions": definitions}
            case "model":
                return self.model(schema)
            case _:
                raise _UnsureError(kind)

    def inner(self, schema: _Schema, *keys: str) -> _Schema:
        return {key: self.of(schema[key]) for key in keys if key in schema}

    def format(self, schema: _Schema) -> _Schema:
        """A format whose frequent texts pydantic reads itself. To check a UUID, its pattern is enough."""
        choices: list[_Schema] = [
            choice["steps"][0]
            if not self.converting and choice["type"] == "chain" and choice["steps"][1]["type"] == "uuid"
            else choice
            for choice in schema["choices"]
        ]
        return {**schema, "choices": choices}

    def constrained(self, schema: _Schema) -> _Schema:
        """A type with constraints, which are checked on the JSON value before anything is converted."""
        check = schema["function"]["function"].check_json
        before: _Schema = {"type": "function-plain", "function": {"type": "no-info", "function": check}}
        return {"type": "chain", "steps": [before, self.of(schema["schema"])]}

    def model(self, schema: _Schema) -> _Schema:
        settings: _Schema = schema.get("config", {})
        record: _Schema = schema["schema"]
        extra = record.get("extra_behavior") or settings.get("extra_fields_behavior") or "ignore"
        special = any(schema.get(key) for key in ("custom_init", "root_model", "post_init"))
        unchecked = extra == "allow" and not self.converting and "extras_schema" not in record
        if special or unchecked or settings.keys() - _SETTINGS or record["type"] != "model-fields":
            raise _UnsureError(schema["cls"])
        omits = "serialization" in schema
        fields = {name: self.field(field, omits=omits) for name, field in record["fields"].items()}
        written = {**record, **self.inner(record, "extras_schema"), "fields": fields, "extra_behavior": extra}
        rules = {"strict": False, "revalidate_instances": "always", "config": {"title": schema["cls"].__name__}}
        return {**schema, "schema": written, **rules} if self.converting else written

    def field(self, field: _Schema, *, omits: bool) -> _Schema:
        """A field. For checking only, a field with a default is required: otherwise the default would be missing."""
        inner: _Schema = field["schema"]
        absent = inner.get("default", ...) is None and (omits or "serialization_exclude_if" in field)
        filled = inner["type"] == "default" and not (self.converting or absent)
        return {**field, "schema": self.of(inner["schema"] if filled else inner)}

    def union(self, schema: _Schema) -> _Schema:
        """A union whose members have different JSON types, so that at most one can match."""
        choices: list[_Schema] = schema["choices"]
        kinds = [kind for choice in choices for kind in self.kinds(choice, frozenset())]
        if len(set(kinds)) != len(kinds):
            raise _UnsureError("union")
        return {**schema, "mode": "left_to_right", "choices": [self.of(choice) for choice in choices]}

    def kinds(self, schema: _Schema, seen: frozenset[str]) -> set[str]:
        """The JSON types of a type's values."""
        match schema["type"]:
            case "definition-ref" if schema["schema_ref"] not in seen:
                name: str = schema["schema_ref"]
                return self.kinds(self.definitions[name], seen | {name})
            case "nullable":
                return {"null", *self.kinds(schema["schema"], seen)}
            case "function-plain" if (kind := _json_type(schema)) is not None:
                return {kind}
            case "default" | "function-after" | "function-before" | "model-fields":
                return self.kinds(schema["schema"], seen)
            case "json-or-python":
                return self.kinds(schema["json_schema"], seen)
            case "lax-or-strict":
                return self.kinds(schema["strict_schema"], seen)
            case "literal":
                return set[str]().union(*(_LITERALS[type(member)] for member in schema["expected"]))
            case "union":
                choices: list[_Schema] = schema["choices"]
                if (kind := _json_type(choices[-1])) is not None:
                    return {kind}
                return set[str]().union(*(self.kinds(choice, seen) for choice in choices))
            case kind if kind in _KINDS:
                return {_KINDS[kind]}
            case kind:
                raise _UnsureError(kind)


def _json_type(schema: _Schema) -> str | None:
    """The JSON type of a format, whose function reads texts."""
    function = schema.get("function", {}).get("function")
    return getattr(getattr(function, "__self__", None), "json_type", None)


def _simple(schema: _Schema) -> str | None:
    """The simple pattern of a string that `Matching` checks; None for any other function."""
    function = schema["function"]["function"]
    return function.simple if isinstance(function, Matching) else None


def _of_string(schema: _Schema, **rules: str) -> _Schema:
    """A type whose JSON is a string, by the rules for strings only."""
    read = {key: value for key, value in schema.items() if key not in ("ref", "strict")}
    return {"type": "chain", "steps": [{"type": "str", "strict": True, **rules}, read]}
