"""Defaults are values of their types."""

from __future__ import annotations

import pytest

from flowgen.pipeline import check_text
from tests.unit.check.marks import marked, place

TEXT = """\
flowgen: 1
name: shop
input:
  fields:
    field: %s
types:
  Kind: [new, old]
  Line: {fields: {sku: string, count: integer = 1}}
steps:
  - {id: a, set: 1}
"""


@pytest.mark.parametrize(
    "field",
    [
        "«Kind = used»",
        """«'Kind[] = ["used"]'»""",
        "«'Line = {}'»",
        "«integer? = x»",
        "«date = tomorrow»",
        "«date-time = 2026-01-31»",
        """«'map<integer> = {"a": "b"}'»""",
        "{type: integer, default: «x»}",
        "{type: [integer, 'null'], default: «x»}",
        "{enum: [a, b], default: «c»}",
        "{type: integer, minimum: 5, default: «1»}",
        "{type: string, maxLength: 2, default: «abc»}",
        "{type: integer, multipleOf: 5, default: «7»}",
        "{type: array, items: {type: integer}, default: «[a]»}",
        "{type: object, properties: {inner: {type: boolean, default: «'yes'»}}}",
        "{type: object, properties: {inner: {anyOf: [{type: boolean, default: «1»}, {type: string}]}}}",
    ],
)
def test_defaults_that_are_not_allowed(field: str) -> None:
    text, [where] = marked(TEXT % field)

    [found] = [one for one in check_text(text) if one.code == "FG109"]

    assert place(found)[:2] == where[:2]


@pytest.mark.parametrize(
    "field",
    [
        "Kind = new",
        "Line[] = []",
        "integer? = null",
        "date = 2026-01-31",
        "date-time = 2026-01-31T08:00:00Z",
        "number = 1",
        "any = x",
        '\'Line = {"sku": "a"}\'',
        "{type: integer, minimum: 1, default: 1}",
        "{type: [string, 'null'], default: null}",
        "{type: object, additionalProperties: {$ref: '#/$defs/Line'}, default: {}}",
    ],
)
def test_defaults_that_are_allowed(field: str) -> None:
    assert [one.message for one in check_text(TEXT % field) if one.severity == "error"] == []
