"""Payload templates, by the specification's text."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from flowgen.asl.errors import QueryFailure, QuerySyntaxError
from flowgen.asl.templates import compile_expression, compile_template


def fill(payload: Any, root: Any, variables: dict[str, Any] | None = None, context: Any = None) -> Any:
    random = Random(1)  # noqa: S311 - no secret is drawn
    return compile_template(payload).evaluate(root, variables or {}, context or {}, random)


def test_the_example_of_the_specification() -> None:
    """Fields whose names end in `.$` are filled, at any depth, and the rest is literal."""
    payload = {
        "flagged": True,
        "parts": {"first.$": "$.vals[0]", "last3.$": "$.vals[3:]"},
        "weekday.$": "$$.DayOfWeek",
        "formattedOutput.$": "States.Format('Today is {}', $$.DayOfWeek)",
    }
    assert fill(payload, {"vals": [0, 10, 20, 30, 40, 50]}, context={"DayOfWeek": "TUESDAY"}) == {
        "flagged": True,
        "parts": {"first": 0, "last3": [30, 40, 50]},
        "weekday": "TUESDAY",
        "formattedOutput": "Today is TUESDAY",
    }


def test_templates_inside_arrays_are_filled() -> None:
    """Objects in arrays are templates too; texts in arrays are literal even when they look like paths."""
    assert fill({"list": [{"a.$": "$.x"}, "$.x", 1]}, {"x": 2}) == {"list": [{"a": 2}, "$.x", 1]}


def test_a_literal_payload_is_given_as_it_is() -> None:
    """Nothing is copied when nothing is filled in."""
    payload = {"a": [1, {"b": "$.c"}]}
    assert fill(payload, {}) is payload


def test_filling_leaves_the_definition_as_it_was() -> None:
    """Two evaluations of one template do not see each other."""
    template = compile_template({"a": {"b.$": "$.x", "c": [1]}})
    random = Random(1)  # noqa: S311 - no secret is drawn
    first = template.evaluate({"x": 1}, {}, {}, random)
    assert template.evaluate({"x": 2}, {}, {}, random) == {"a": {"b": 2, "c": [1]}}
    assert first == {"a": {"b": 1, "c": [1]}}


def test_variables_fill_fields() -> None:
    """A path may begin with the name of a variable."""
    assert fill({"a.$": "$order.id"}, {}, {"order": {"id": 7}}) == {"a": 7}


def test_an_index_past_the_end_is_null() -> None:
    """The service reads it so in its own field, though not in the argument of a function."""
    assert fill({"a.$": "$.items[5]"}, {"items": [1]}) == {"a": None}


@pytest.mark.parametrize(
    ("payload", "root", "cause"),
    [
        (
            {"p": {"value.$": "$.no.such"}},
            {"a": 0.5},
            "The JSONPath '$.no.such' specified for the field 'value.$' could not be found in the input '{\"a\":0.5}'",
        ),
        (
            {"value.$": "$$.nope"},
            {"a": 1},
            "The JSONPath '$$.nope' specified for the field 'value.$' could not be found in the input '{\"State\":{}}'",
        ),
        ({"value.$": "$"}, None, "Unable to apply Path transformation to null or empty input."),
    ],
)
def test_a_path_to_nowhere_fails_with_the_field_and_the_input(payload: Any, root: Any, cause: str) -> None:
    """The cause shows the document that the path was to read."""
    with pytest.raises(QueryFailure) as caught:
        fill(payload, root, context={"State": {}})
    assert (caught.value.error, caught.value.cause) == ("States.Runtime", cause)


@pytest.mark.parametrize("payload", [{"a.$": 1}, {"a.$": "text"}, {"a": [{"b.$": None}]}, {"a.$": ""}])
def test_a_field_that_is_neither_path_nor_call_does_not_compile(payload: Any) -> None:
    """The value of a `.$` field must be a string that is a path or a call."""
    with pytest.raises(QuerySyntaxError):
        compile_template(payload)


def test_a_template_without_end_is_rejected() -> None:
    """The depth of a template is bounded."""
    payload: dict[str, Any] = {"a.$": "$"}
    for _ in range(300):
        payload = {"a": payload}
    with pytest.raises(QuerySyntaxError, match="nested at most 200 levels deep"):
        compile_template(payload)


def test_a_template_tells_its_expressions_with_their_places() -> None:
    """Each place is a JSON pointer from the payload's root."""
    template = compile_template({"a/b": [{"c.$": "States.Array($.x, $y)"}], "d.$": "$$.z"})
    assert [(place, [path.text for path in expression.paths]) for place, expression in template.expressions] == [
        ("/a~1b/0/c.$", ["$.x", "$y"]),
        ("/d.$", ["$$.z"]),
    ]


def test_an_expression_of_a_field_names_it_in_the_cause() -> None:
    """ErrorPath and its like are not templates, but fail in the same words."""
    expression = compile_expression("$.ErrorX", "ErrorPath")
    with pytest.raises(QueryFailure, match="specified for the field 'ErrorPath' could not be found"):
        expression.evaluate({}, {}, {}, Random(1))  # noqa: S311 - no secret is drawn
