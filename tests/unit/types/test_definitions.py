"""Types that are made of each other."""

from __future__ import annotations

from typing import Any

from flowgen.types import Definitions, show


def both(first: str, second: str) -> dict[str, Any]:
    return {"allOf": [{"$ref": f"#/$defs/{first}"}, {"$ref": f"#/$defs/{second}"}]}


def record_of(name: str) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"type": "string"}}, "required": [name]}


def test_each_type_is_read_once() -> None:
    """Though there are 2 to the power of 40 ways to the first ones."""
    schemas = {"A0": record_of("a"), "B0": record_of("b")}
    for number in range(1, 41):
        a, b = f"A{number - 1}", f"B{number - 1}"
        schemas |= {f"A{number}": both(a, b), f"B{number}": both(b, a)}
    [record] = Definitions(schemas).expansion("A40").parts
    assert sorted(record.fields) == ["a", "b"]  # type: ignore[union-attr]  # an Object


def test_a_circle_is_the_same_from_wherever_it_is_entered() -> None:
    """What was found while another type of the circle was open is not kept."""
    options = {"A": ["B", "integer"], "B": ["A", "C", "string"], "C": ["B", "boolean"]}
    schemas: dict[str, Any] = {
        name: {"anyOf": [{"$ref": f"#/$defs/{one}"} if one in options else {"type": one} for one in members]}
        for name, members in options.items()
    }
    for first in options:
        definitions = Definitions(schemas)
        definitions.expansion(first)
        assert {show(definitions.expansion(name)) for name in options} == {"string | integer | boolean"}


def test_what_is_made_of_too_many_is_any() -> None:
    """And says why, so that strict mode tells it."""
    schemas: dict[str, Any] = {"T0": record_of("a")}
    for number in range(1, 400):
        schemas[f"T{number}"] = {"anyOf": [{"$ref": f"#/$defs/T{number - 1}"}, {"type": "string"}]}
    found = Definitions(schemas).expansion("T399")
    assert found.unknown is not None
    assert found.unknown.text == "it consists of too many other types"
