"""Names of fields in Python next to those that they have in JSON."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.backends.python.conftest import Project

WORKFLOW = """flowgen: 1
name: place_order
types:
  Thing:
    type: object
    properties:
      a b: {type: integer}
      a-b: {type: integer}
      a_b: {type: integer}
      a_b_1: {type: integer}
      class: {type: string}
      class_: {type: string}
    required: [a b, a-b, a_b, a_b_1, class, class_]
  Other:
    allOf:
      - $ref: "#/$defs/Thing"
      - {type: object, properties: {a.b: {type: integer}, a_b: {type: integer, minimum: 3}}, required: [a.b]}
  Early: {type: object, properties: {a-b: {type: integer}}, required: [a-b]}
  Late: {allOf: [{$ref: "#/$defs/Early"}, {type: object, properties: {a_b: {type: integer}}, required: [a_b]}]}
"""
THING = {"a b": 1, "a-b": 2, "a_b": 3, "a_b_1": 4, "class": "x", "class_": "y"}


@pytest.fixture
def models(project: Project) -> Any:
    project.add(WORKFLOW)
    return project.module("models")


def test_no_name_in_python_is_that_of_another_field_in_json(models: Any) -> None:
    """So that what is given by one name is read into one field, whichever of the two it is."""
    for model in (models.Thing, models.Other):
        keys = {field.alias or name: name for name, field in model.model_fields.items()}
        assert len(keys) == len(model.model_fields)
        assert [name for key, name in keys.items() if name != key and name in keys] == []


@pytest.mark.parametrize(
    ("model", "value"),
    [
        ("Thing", THING),
        ("Other", {**THING, "a.b": 5}),
        ("Early", {"a-b": 1}),
        ("Late", {"a-b": 1, "a_b": 2}),
    ],
)
def test_each_value_is_in_its_own_field(models: Any, model: str, value: Any) -> None:
    read = getattr(models, model).model_validate(value, by_alias=True, by_name=False)
    assert read.model_dump(by_alias=True) == value
    assert len(read.model_dump()) == len(value)
    names = {field.alias or name: name for name, field in type(read).model_fields.items()}
    assert [getattr(read, names[key]) for key in value] == list(value.values())


def test_a_field_keeps_its_name_from_where_it_is_inherited(models: Any) -> None:
    """`Other` says more of `a_b`, which stays one field."""
    assert set(models.Thing.model_fields) < set(models.Other.model_fields)
    assert len(models.Other.model_fields) == len(models.Thing.model_fields) + 1
