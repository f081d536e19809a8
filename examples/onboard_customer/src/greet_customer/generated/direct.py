# Made by flowgen from workflows/greet_customer.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 06038198a2951409
"""Validators of JSON that Python has read already, without writing it as text again.

Pydantic holds JSON's text to its strict rules ("1" is no number, a text may be a date), but values of Python to
others: either texts and numbers pass for each other, or a date has to be one. So a schema is written anew, in which
each part has the rules that it has for JSON. That is done for parts of which it is surely the same; for a type that
has others there is no such validator, and its JSON is read as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pydantic_core import CoreSchema, SchemaError, SchemaValidator

from .base import MOST_SIMPLE, Matching

_Schema = dict[str, Any]

_DATE = r"^\d{4}-\d\d-\d\d$"
"""Of a text that is a date: of a date with the time of midnight, too, Python's rules would make a date."""

_SETTINGS = frozenset({"title", "extra_fields_behavior", "validate_by_name", "validate_by_alias"})
"""What the configuration of a model may set: all else may change what is valid, in a way of its own for each input."""

_KINDS = {
    "none": "null",
    "bool": "boolean",
    "int": "number",
    "float": "number",
    "str": "text",
    "uuid": "text",
    "date": "text",
    "datetime": "text",
    "time": "text",
    "timedelta": "text",
    "list": "array",
    "dict": "object",
    "model": "object",
    "tagged-union": "object",
}
"""What JSON the values are made of, by the type of their schema."""

_LITERALS: dict[type, set[str]] = {
    str: {"text"},
    bool: {"boolean", "number"},
    int: {"boolean", "number"},
    type(None): {"null"},
}
"""What JSON passes for a literal: in Python, true equals 1."""


class _UnsureError(Exception):
    """The rules of a part of a schema are not surely the same."""


def reader(schema: CoreSchema) -> SchemaValidator | None:
    """Makes of JSON values what strict validation of their text makes of it, or refuses them.

    It may refuse what is valid, as a number without a fraction where an integer belongs. None: there is none.
    """
    return _validator(schema, making=True)


def checker(schema: CoreSchema) -> SchemaValidator | None:
    """Refuses JSON values that strict validation of their text refuses or adds to, and makes nothing that is of use.

    What may hold any value is not checked here, since not all that Python knows of is JSON. None: there is none.
    """
    return _validator(schema, making=False)


def _validator(schema: CoreSchema, *, making: bool) -> SchemaValidator | None:
    rewriting = _Rewriting(making)
    try:
        written = rewriting.of(cast("_Schema", schema))
        # Models that are in use already would have their own rules otherwise.
        return SchemaValidator(cast("CoreSchema", written), None, _use_prebuilt=False)
    except (_UnsureError, TypeError, LookupError, SchemaError):
        # Besides what is unsure: a version of pydantic that can't be told so, or that has other schemas.
        return None


class _Rewriting:
    """A schema written anew: for making models, or for checking alone."""

    def __init__(self, making: bool) -> None:
        self.making = making
        self.definitions: Mapping[str, _Schema] = {}

    def of(self, schema: _Schema) -> _Schema:
        written = {key: value for key, value in self.part(schema).items() if key != "ref"}
        return {**written, "ref": schema["ref"]} if "ref" in schema else written

    def part(self, schema: _Schema) -> _Schema:
        kind: str = schema["type"]
        match kind:
            case "none" | "definition-ref":
                return schema
            case "any" if self.making:
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
                return _of_text(schema)
            case "date":
                return _of_text(schema, pattern=_DATE)
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
            case "function-after" | "function-before" if schema["function"]["type"] == "no-info":
                return {**schema, **self.inner(schema, "schema")}
            case "json-or-python":
                return self.of(schema["json_schema"])
            case "lax-or-strict":
                return self.of(schema["strict_schema"])
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

    def model(self, schema: _Schema) -> _Schema:
        settings: _Schema = schema.get("config", {})
        record: _Schema = schema["schema"]
        extra = record.get("extra_behavior") or settings.get("extra_fields_behavior") or "ignore"
        special = any(schema.get(key) for key in ("custom_init", "root_model", "post_init"))
        unchecked = extra == "allow" and not self.making and "extras_schema" not in record
        if special or unchecked or settings.keys() - _SETTINGS or record["type"] != "model-fields":
            raise _UnsureError(schema["cls"])
        leaves_out = "serialization" in schema
        fields = {name: self.field(field, leaves_out=leaves_out) for name, field in record["fields"].items()}
        written = {**record, **self.inner(record, "extras_schema"), "fields": fields, "extra_behavior": extra}
        rules = {"strict": False, "revalidate_instances": "always", "config": {"title": schema["cls"].__name__}}
        return {**schema, "schema": written, **rules} if self.making else written

    def field(self, field: _Schema, *, leaves_out: bool) -> _Schema:
        """A field. Where nothing is made, one with a default must be there: it would be filled in."""
        inner: _Schema = field["schema"]
        absent = inner.get("default", ...) is None and (leaves_out or "serialization_exclude_if" in field)
        filled = inner["type"] == "default" and not (self.making or absent)
        return {**field, "schema": self.of(inner["schema"] if filled else inner)}

    def union(self, schema: _Schema) -> _Schema:
        """One whose members are of different kinds of JSON: there is no choice to make."""
        choices: list[_Schema] = schema["choices"]
        kinds = [kind for choice in choices for kind in self.kinds(choice, frozenset())]
        if len(set(kinds)) != len(kinds):
            raise _UnsureError("union")
        return {**schema, "mode": "left_to_right", "choices": [self.of(choice) for choice in choices]}

    def kinds(self, schema: _Schema, seen: frozenset[str]) -> set[str]:
        """What JSON the values of a type are made of."""
        match schema["type"]:
            case "definition-ref" if schema["schema_ref"] not in seen:
                name: str = schema["schema_ref"]
                return self.kinds(self.definitions[name], seen | {name})
            case "nullable":
                return {"null", *self.kinds(schema["schema"], seen)}
            case "default" | "function-after" | "model-fields":
                return self.kinds(schema["schema"], seen)
            case "json-or-python":
                return self.kinds(schema["json_schema"], seen)
            case "lax-or-strict":
                return self.kinds(schema["strict_schema"], seen)
            case "literal":
                return set[str]().union(*(_LITERALS[type(member)] for member in schema["expected"]))
            case "union":
                choices: list[_Schema] = schema["choices"]
                return set[str]().union(*(self.kinds(choice, seen) for choice in choices))
            case kind if kind in _KINDS:
                return {_KINDS[kind]}
            case kind:
                raise _UnsureError(kind)


def _simple(schema: _Schema) -> str | None:
    """The pattern of the texts that surely match, where a function holds a text to a pattern.

    Types that workflows share have a module of bases of their own, so the class is not asked for.
    """
    function = schema["function"]["function"]
    return function.simple if type(function).__name__ == Matching.__name__ else None


def _of_text(schema: _Schema, **rules: str) -> _Schema:
    """What is read from a text, by the rules for texts alone."""
    read = {key: value for key, value in schema.items() if key not in ("ref", "strict")}
    return {"type": "chain", "steps": [{"type": "str", "strict": True, **rules}, read]}
