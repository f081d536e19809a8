"""Defaults that hold themselves."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.backends.python.recursive_defaults import recursive_defaults
from tests.unit.backends.python.conftest import generated, workflow_of

A = {"$ref": "#/$defs/A"}


def record(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields}


@pytest.mark.parametrize(
    ("types", "found"),
    [
        ({"A": record(a={**A, "default": {}})}, [("A", "a")]),
        ({"A": record(a={**A, "default": {"a": {"a": {}}}})}, [("A", "a")]),
        (
            {
                "A": record(many={"type": "array", "items": {"$ref": "#/$defs/B"}, "default": [{}]}),
                "B": record(back={**A, "default": {}}),
            },
            [("A", "many"), ("B", "back")],
        ),
        (
            {"A": {"allOf": [record(m={"type": "object", "additionalProperties": A, "default": {"x": {}}})]}},
            [("A", "m")],
        ),
        ({"A": record(a={**A, "default": {"a": None}})}, []),
        ({"A": record(many={"type": "array", "items": A, "default": []}, n={"type": "integer", "default": 1})}, []),
        (
            {"A": record(b={"$ref": "#/$defs/B", "default": {}}), "B": record(n={"type": "integer", "default": 1})},
            [],
        ),
        ({"A": {"$ref": "#/$defs/A"}, "B": record(a={**A, "default": {}})}, []),
    ],
    ids=[
        "itself",
        "deep inside",
        "by another type",
        "a part of a record",
        "null",
        "an empty list",
        "an end",
        "nothing",
    ],
)
def test_defaults_that_never_end(types: dict[str, Any], found: list[tuple[str, str]]) -> None:
    """Those that come to themselves again where they are filled in, and those that lead to such a one."""
    assert recursive_defaults(types) == found


def test_it_is_reported() -> None:
    """The functions of such a type could not be called."""
    text = "flowgen: 1\nname: w\ntypes: {A: {type: object, properties: {a: {$ref: '#/$defs/A', default: {}}}}}"
    _, [problem] = generated(workflow_of(text))
    assert (problem.code, problem.message) == (
        "FG109",
        "these types can't be written in Python: the default of `a` in `A` contains itself without end",
    )


def test_many_types_are_looked_at_once() -> None:
    """Each of them holds the next one twice."""
    types = {
        f"T{number}": record(
            a={"$ref": f"#/$defs/T{number + 1}", "default": {}}, b={"$ref": f"#/$defs/T{number + 1}", "default": {}}
        )
        for number in range(2_000)
    }
    assert recursive_defaults(types) == []
