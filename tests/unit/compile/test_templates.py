"""Values as templates and JSONata: they mean what was written, and hold nothing that CloudFormation replaces."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowgen.compile.templates import jsonata, output, template
from flowgen.diagnostics import Sink
from flowgen.jsonata.aws_functions import Environment
from flowgen.jsonata.evaluate import compile_expression
from flowgen.jsonata.literals import quoted
from flowgen.model import Set, Value, read_workflow
from flowgen.source import read

JSON = Any
NAMES = {"input": "$states.input"}
ENVIRONMENT = Environment(random.Random(0), lambda: 0)  # noqa: S311 - the same numbers each time
GIVEN = {
    "n": 2,
    "list": [1, [2]],
    "empty": [],
    "none": None,
    "text": "t",
    "${odd}": "odd",
    "items": [{"${odd}": 1, "k": "a"}, {"${odd}": 2, "k": "b"}],
}


def value_of(written: JSON) -> Value:
    sink = Sink()
    root = read("w.yaml", json.dumps({"flowgen": 1, "name": "w", "steps": [{"id": "a", "set": written}]}), sink)
    assert root is not None
    workflow = read_workflow(root, sink)
    assert workflow is not None, list(sink)
    [step] = workflow.steps
    assert isinstance(step, Set)
    return step.value


def evaluated(text: str) -> JSON:
    return compile_expression(text).evaluate({"states": {"input": GIVEN}}, ENVIRONMENT)


def filled(made: JSON) -> JSON:
    """A template with its expressions evaluated."""
    if isinstance(made, dict):
        return {key: filled(item) for key, item in made.items()}
    if isinstance(made, list):
        return [filled(item) for item in made]
    if isinstance(made, str) and made.startswith("{%"):
        return evaluated(made[2:-2])
    return made


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (1, 1),
        (None, None),
        ("", ""),
        ("text", "text"),
        ([], []),
        ({}, {}),
        ([[]], [[]]),
        ("${ $input.n }", 2),
        (["${ $input.list }", "${ $input.empty }", "${ $input.n }", "${ $input.none }"], [[1, [2]], [], 2, None]),
        ([["${ $input.list }"]], [[[1, [2]]]]),
        (["${ $append($input.list, 3) }"], [[1, [2], 3]]),
        ({"a": ["${ $input.list }"], "b?": "${ $input.n }", "c?": "${ $input.nope }"}, {"a": [[1, [2]]], "b": 2}),
        ({"a": {"b?": "${ $input.nope }"}}, {"a": {}}),
        ({"${k}": "${ $input.n }", 'it\'s "k"': ["$${x}"]}, {"${k}": 2, 'it\'s "k"': ["${x}"]}),
        ("n=${ $input.n } t=${ $input.text & '!' }", "n=2 t=t!"),
        ("${ $input.n }${ $input.n }", "22"),
        ("${ '$' & '{x}' & \"${y}\" }", "${x}${y}"),
        ("${ $input.`${odd}` }", "odd"),
        ("${ $input.items[`${odd}` = 2].k }", "b"),
        ("${ $input.items.`${odd}` }", [1, 2]),
        ("${ $input.n /* ${c} */ + 1 }", 3),
        ("${ $contains('$t', /^\\${0,1}t$/) and $not($contains('x', /^\\${0,1}t$/)) }", True),
        ("${ $contains('a', /^a$/) }", True),
        ("${ $input.items ~> $map(function($i) { $i.k }) }", ["a", "b"]),
        ("${ ($x := $input; $x.n) }", 2),
    ],
)
def test_values(written: JSON, expected: JSON) -> None:
    """As template, as `Output` and as JSONata a value is the same; none of them has `${` in it."""
    value = value_of(written)
    for made in (template(value, NAMES), output(value, NAMES), f"{{% {jsonata(value, NAMES)} %}}"):
        assert filled(made) == expected
        assert "${" not in json.dumps(made)


def test_outputs_are_objects_or_expressions() -> None:
    """AWS's validators reject bare scalars and arrays there."""
    for written in (1, None, "a", "", [1], [], True):
        made = output(value_of(written), NAMES)
        assert isinstance(made, str)
        assert made.startswith("{% ")
    assert output(value_of({"a": 1}), NAMES) == {"a": 1}


def test_a_name_is_replaced_where_it_is_one() -> None:
    """Not in texts, comments, quoted names, or where it is bound."""
    value = value_of("${ $input.input & '$input' /* $input */ & $.`$input` & $inputs }")
    assert jsonata(value, NAMES) == "$states.input.input & '$input' /* $input */ & $.`$input` & $inputs"


_SETTINGS = settings(derandomize=True, database=None, deadline=None, max_examples=300)


@_SETTINGS
@given(st.text())
def test_any_text_as_a_literal(text: str) -> None:
    """It evaluates to itself, and is nothing to CloudFormation or Step Functions."""
    made = quoted(text)
    assert evaluated(made) == text
    assert not any(mark in made for mark in ("${", "{%", "%}", "\n"))


_VALUES: st.SearchStrategy[JSON] = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(alphabet="a{}$%'\"\\ é\U0001f600\n", max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet="ab{$'\" ", max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def _written(value: JSON) -> JSON:
    """A value as it is written in a workflow."""
    if isinstance(value, dict):
        return {key: _written(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_written(item) for item in value]
    return value.replace("${", "$${") if isinstance(value, str) else value


def _has_marks(value: JSON) -> bool:
    if isinstance(value, dict):
        return any(map(_has_marks, value.values()))
    if isinstance(value, list):
        return any(map(_has_marks, value))
    return isinstance(value, str) and (value.strip().startswith("{%") or value.strip().endswith("%}"))


@_SETTINGS
@given(_VALUES)
def test_any_value_is_itself(value: JSON) -> None:
    """Written out, compiled and evaluated it comes back, as a template and as an expression."""
    if not _has_marks(value):
        read_back = value_of(_written(value))
        assert filled(template(read_back, {})) == value
        assert evaluated(jsonata(read_back, {})) == value
