"""The models take what JSON Schema takes, refuse what it refuses, and give back what they took."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.unit.backends.python.conftest import CONTEXT, Project

S: dict[str, Any] = {"type": "string"}
I: dict[str, Any] = {"type": "integer"}  # noqa: E741 - the table below stays readable
N: dict[str, Any] = {"type": "null"}


def opened(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def record(*required: str, **properties: Any) -> dict[str, Any]:
    return opened(*required, **properties) | {"additionalProperties": False}


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 3, 7, 1.5, 2.0, 1e3, "", "a", "b", "ab", "abc", "x1", "1", "é", [], [1], ["a"],
    ["a", 1], ["a", 1, 2], [1, 2, 3], [["a"]], [None], [{"a": "x"}], {}, {"a": "x"}, {"a": 1}, {"a": None}, {"b": 1},
    {"a": "x", "b": 1}, {"a": "x", "b": None}, {"a": "x", "c": [1]}, {"x1": 1}, {"x1": "a"}, {"a": {"a": "x"}},
    {"a": {"a": {"a": None}}}, {"k": "p", "a": "x"}, {"k": "q", "b": 1}, {"k": "q", "a": "x"}, {"k": "r"},
    {"a": []}, {"a": ["x"]}, {"a": [{"a": ["x"]}]}, {"class": "x"}, {"a b": 1}, {"a-b": "x"}, {"": 1}, {"self": "s"},
    {"date": "2026-01-01"}, {"date": "x"}, {"model_config": "x"}, {"a": 2.0}, {"a": "x", "b": 2.0},
)  # fmt: skip
"""What each schema is tried with."""

SCHEMAS: dict[str, dict[str, Any]] = {
    "anything": {},
    "text": S,
    "integer": I,
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "null": N,
    "object": {"type": "object"},
    "array": {"type": "array"},
    "several types": {"type": ["string", "null"]},
    "several types with bounds": {"type": ["string", "integer"], "minLength": 2, "minimum": 2},
    "bounds of a text": {"type": "string", "minLength": 1, "maxLength": 2},
    "bounds of a number": {"type": "number", "minimum": 1, "exclusiveMaximum": 7},
    "bounds of an integer": {"type": "integer", "exclusiveMinimum": 0, "maximum": 7, "multipleOf": 2},
    "pattern": {"type": "string", "pattern": "^x"},
    "pattern that looks ahead": {"type": "string", "pattern": "^(?!a)"},
    "pattern that looks ahead in a record": record("a", a={"type": "string", "pattern": "x(?!y)"}),
    "pattern inside": {"type": "string", "pattern": "b"},
    "array of texts": {"type": "array", "items": S},
    "array of anything": {"type": "array", "items": {}},
    "array with bounds": {"type": "array", "items": I, "minItems": 1, "maxItems": 2},
    "array of bounded texts": {"type": "array", "items": {"type": "string", "minLength": 1}},
    "array of arrays": {"type": "array", "items": {"type": "array", "items": S, "minItems": 1}},
    "array of records": {"type": "array", "items": record("a", a=S)},
    "map": {"type": "object", "additionalProperties": I},
    "map of records": {"type": "object", "additionalProperties": record("a", a=S)},
    "map with bounds": {"type": "object", "additionalProperties": True, "minProperties": 1, "maxProperties": 1},
    "map by pattern": {"type": "object", "patternProperties": {"^x": I}, "additionalProperties": False},
    "record": record("a", a=S, b=I),
    "record without required fields": record(a=S, b=I),
    "open record": opened("a", a=S),
    "record with typed other fields": {**record(a=S), "additionalProperties": I},
    "record with other fields of a record": {**record(b=I), "additionalProperties": record("a", a=S)},
    "required but not described": {"type": "object", "properties": {}, "required": ["a"]},
    "no fields at all": {"type": "object", "properties": {}, "additionalProperties": False},
    "no fields that are known": {"type": "object", "properties": {}},
    "field that may be null": record("a", a={"type": ["string", "null"]}),
    "field that may be null or absent": record(a={"anyOf": [S, N]}, b={"type": ["integer", "null"]}),
    "field of anything": record(a={}, b=True),
    "field of null": record(a=N),
    "required field of null": record("a", a=N),
    "field with a bound": record("a", a={"type": "string", "minLength": 1}, b={"type": "integer", "minimum": 1}),
    "fields that Python can't have": record(**{"class": S, "a b": I, "a-b": S, "": I, "self": S, "1": S}),
    "fields that pydantic needs": record(model_config=S, model_fields=S, copy=S, json=S, schema=S, dict=S),
    "a field named as its type": record(date={"type": "string", "format": "date"}, int=I, str=S),
    "nested records": record(a=record(a=record(a=N))),
    "const": {"const": "a"},
    "const of a number": {"const": 7},
    "const null": {"const": None},
    "enum": {"enum": ["a", "b"]},
    "enum of several types": {"enum": ["a", 7, None]},
    "enum with a hard text": {"enum": ["", "a", 'x"y\\', "\n"]},
    "field of an enum": record("a", a={"enum": ["x", "y"]}, b={"const": 1}),
    "union": {"anyOf": [S, I]},
    "union of arrays": {"anyOf": [{"type": "array", "items": S}, {"type": "array", "items": I}]},
    "union of records": {"anyOf": [record("a", a=S), record("b", b=I)]},
    "union with bounds": {"anyOf": [{"type": "string", "maxLength": 1}, {"type": "integer", "minimum": 2}]},
    "union of one": {"oneOf": [S]},
    "exclusive union": {"oneOf": [record("a", a=S), record("b", b=I)]},
    "all of one": {"allOf": [ref("Rec")]},
    "all of two": {"allOf": [{**record("a", a=S), "additionalProperties": True}, {**opened("b", b=I)}]},
    "all of a reference and more": {"allOf": [ref("Open"), {"properties": {"b": I}, "required": ["b"]}]},
    "reference": ref("Rec"),
    "references": record(a=ref("Rec"), b=ref("Num")),
    "array of references": {"type": "array", "items": ref("Rec")},
    "recursion": ref("Tree"),
    "recursion of an array": ref("Nest"),
    "recursion of anything": ref("Json"),
    "alias": ref("Num"),
    "tagged": {
        "oneOf": [ref("P"), ref("Q")],
        "discriminator": {"propertyName": "k", "mapping": {"p": "#/$defs/P", "q": "#/$defs/Q"}},
    },
    "tagged field": record(
        "a",
        a={"oneOf": [ref("P"), ref("Q")], "discriminator": {"propertyName": "k"}},
    ),
    "type beside a union of its fields": {**record(a=S, b=I), "description": "either", "title": "T"},
}

DEFINITIONS: dict[str, dict[str, Any]] = {
    "Rec": record("a", a=S),
    "Open": opened("a", a=S),
    "Maybe": {"type": ["string", "null"]},
    "Num": {"type": "integer", "minimum": 1},
    "Tree": record("a", a={"type": "array", "items": {"anyOf": [ref("Tree"), S]}}),
    "Nest": {"type": "array", "items": {"anyOf": [ref("Nest"), S]}},
    "Json": {
        "anyOf": [
            S,
            I,
            {"type": "array", "items": ref("Json")},
            {"type": "object", "additionalProperties": ref("Json")},
        ]
    },
    "P": record("k", k={"const": "p"}, a=S),
    "Q": record("k", k={"const": "q"}, b=I),
}


SCHEMAS |= {
    "one type in a list": {"type": ["integer"]},
    "two types": {"type": ["integer", "array"]},
    "all of a closed record and fields": {"allOf": [ref("Open"), {"properties": {"b": I}}]},
    "all that may be null": record(a={"allOf": [{"anyOf": [S, N]}]}),
    "a reference that may be null": record("b", a=ref("Maybe"), b=ref("Maybe")),
    "an enum that may be null": record(a={"enum": ["x", None]}),
    "required and not described, beside others": {"type": "object", "properties": {"b": I}, "required": ["a"]},
    "null or a record": {"anyOf": [N, record("a", a=S)]},
    "map of maps": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": S}},
}

LOOSER: dict[str, dict[str, Any]] = {
    "a constant that is no scalar: Python has no literal of it": {"const": ["a"]},
    "an enum of such": {"enum": [["a"], "b", {"a": 1}]},
    "positions in an array": {"type": "array", "prefixItems": [S, I]},
    "two records of which exactly one may fit": {"oneOf": [opened("a", a=S), opened("a")]},
    "what must not be": {"not": S},
    "conditions": {**opened(a=S), "if": {"required": ["b"]}, "then": {"required": ["a"]}},
    "fields by pattern beside others": {**opened(a=S), "patternProperties": {"^x": I}},
    "several patterns of fields": {"type": "object", "patternProperties": {"^x": I, "^a": S}},
    "names of fields": {"type": "object", "propertyNames": {"maxLength": 1}},
    "a field that must be absent": {**opened(), "properties": {"a": S, "b": False}},
    "items that differ": {"type": "array", "uniqueItems": True, "contains": I},
}
"""Schemas that a Python type says less than, and what it can't say."""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One module with a type for each schema: `T0`, `T1`, …, in the order of `SCHEMAS`."""
    types = DEFINITIONS | {f"T{index}": schema for index, schema in enumerate([*SCHEMAS.values(), *LOOSER.values()])}
    with pytest.MonkeyPatch.context() as patch:
        root = tmp_path_factory.mktemp("agreement")
        (root / "src").mkdir()
        patch.syspath_prepend(root / "src")
        project = Project(root)
        project.add(f"flowgen: 1\nname: agreement\ntypes: {json.dumps(types)}", "agreement")
        yield project.module("models", "agreement"), project.module("runtime", "agreement")


def taken_by(models: Any, name: str) -> list[str]:
    """The values that the model of a schema takes; each is written as it was read."""
    module, runtime = models
    type_ = getattr(module, f"T{[*SCHEMAS, *LOOSER].index(name)}")
    entry_point = runtime.EntryPoint("f", lambda event, _: event, takes=type_, gives=type_)
    taken = []
    for value in VALUES:
        try:
            result = entry_point({"input": value, "context": CONTEXT}, None)
        except runtime.ContractViolation:
            continue
        taken.append(json.dumps(value))
        assert result == value
    return taken


def valid_by(schema: dict[str, Any]) -> list[str]:
    """The values that a schema takes."""
    whole = {"$ref": "#/$defs/T", "$defs": DEFINITIONS | {"T": schema}}
    validator = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [json.dumps(value) for value in VALUES if validator.is_valid(value)]


@pytest.mark.parametrize("name", SCHEMAS)
def test_models_agree_with_their_schemas(models: Any, name: str) -> None:
    """For each value: taken by both or by none; and written as it was read."""
    assert taken_by(models, name) == valid_by(SCHEMAS[name])


@pytest.mark.parametrize("name", LOOSER)
def test_models_take_what_their_schemas_take(models: Any, name: str) -> None:
    """Where a model can't say all that its schema says, it takes more, never less."""
    taken, valid = taken_by(models, name), valid_by(LOOSER[name])
    assert set(taken) > set(valid)
