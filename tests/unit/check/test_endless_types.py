"""A schema that contains itself in every value has no value."""

from __future__ import annotations

import pytest

from flowgen.pipeline import check_text

TEXT = """\
flowgen: 1
name: w
input: {schema}
output: any
steps: []
"""


@pytest.mark.parametrize(
    "schema",
    ['{$ref: "#"}', '{type: object, required: [a], properties: {a: {$ref: "#"}}}'],
)
def test_a_type_without_a_value(schema: str) -> None:
    [found] = [one for one in check_text(TEXT.format(schema=schema)) if one.severity == "error"]
    assert (found.code, found.message) == ("FG109", "this type contains itself, so no value can have it")


@pytest.mark.parametrize(
    "schema",
    ['{type: object, properties: {a: {$ref: "#"}}}', '{type: array, items: {$ref: "#"}}', "integer"],
)
def test_a_type_with_a_value(schema: str) -> None:
    assert [one for one in check_text(TEXT.format(schema=schema)) if one.severity == "error"] == []


@pytest.mark.parametrize(
    "condition", ["$input.a = 1", "$exists($input.a.b)", "$input[0][0].a > 1", "$count($input) > 0"]
)
def test_conditions_on_a_list_of_such_lists(condition: str) -> None:
    """Not even an error of ours: what a condition shows about them is not known."""
    steps = f"steps: [{{id: a, if: '{condition}', set: '${{ $string($input.a) }}', skipped: null}}]"
    text = TEXT.format(schema="Node").replace("steps: []", f"types: {{Node: 'Node[]'}}\n{steps}")
    assert "FG901" not in {one.code for one in check_text(text)}
