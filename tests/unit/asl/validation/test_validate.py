"""Definitions given as text, and values that are not definitions."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

import pytest

from flowgen.asl.validation import validate

VALID = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'


def test_problems_of_a_string_have_line_and_column() -> None:
    """The place is that of the field, and of the object where a field is missing."""
    text = '{\n  "StartAt": "B",\n  "States": {\n    "A": {"Type": "Pass"}\n  }\n}'
    assert [(problem.pointer, problem.line, problem.column) for problem in validate(text)] == [
        ("/States/A", 4, 5),
        ("/StartAt", 2, 3),
    ]
    assert [(problem.pointer, problem.line, problem.column) for problem in validate("\n {}")] == [("", 2, 2)]


def test_problems_of_a_value_have_none() -> None:
    """A value has no position."""
    (problem,) = validate({**json.loads(VALID), "Version": "3"})
    assert (problem.pointer, problem.line, problem.column) == ("/Version", None, None)


def test_keys_that_are_twice() -> None:
    """A state's name and any other key; the second one is reported."""
    text = '{"StartAt": "A", "StartAt": "A", "States": {"A": {"Type": "Succeed"}, "A": {"Type": "Succeed"}}}'
    assert [(problem.code, problem.pointer, problem.column) for problem in validate(text)] == [
        ("SCHEMA_VALIDATION_FAILED", "/StartAt", 18),
        ("DUPLICATE_STATE_NAME", "/States/A", 71),
    ]


@pytest.mark.parametrize("text", ["", " \n", "[]", "1", '"text"', "null"])
def test_what_is_not_an_object_is_not_a_definition(text: str) -> None:
    """The service has one sentence for all of them."""
    (problem,) = validate(text)
    assert (problem.code, problem.message) == ("SCHEMA_VALIDATION_FAILED", "Definition must be a valid JSON object")
    assert problem.location is None


@pytest.mark.parametrize(
    ("text", "location", "place"),
    [
        ("not a definition", '[Source: (String)"not a definition"; line: 1, column: 4]', (1, 1)),
        ('{\n "a": }', '[Source: (String)"{\n "a": }"; line: 2, column: 8]', (2, 7)),
    ],
)
def test_what_is_not_json(text: str, location: str, place: tuple[int, int]) -> None:
    """The location is the service's, just behind the fault; line and column are those of the fault."""
    (problem,) = validate(text)
    assert (problem.code, problem.location) == ("INVALID_JSON_DESCRIPTION", location)
    assert (problem.line, problem.column) == place
    assert problem.message.endswith(f"\n at {location}")


def test_a_definition_that_is_too_long() -> None:
    """CreateStateMachine takes a mebibyte of characters."""
    assert validate(VALID + " " * 1_048_576)[0].message == "Definition must be at most 1048576 characters long"


def test_states_that_are_nested_too_deeply() -> None:
    """A definition that goes on forever ends in an error."""
    inner: dict[str, Any] = {"StartAt": "s", "States": {"s": {"Type": "Succeed"}}}
    for depth in range(60):
        name = f"p{depth}"
        inner = {"StartAt": name, "States": {name: {"Type": "Parallel", "Branches": [inner], "End": True}}}
    assert [problem.code for problem in validate(inner)] == ["TOO_DEEPLY_NESTED"]


BASE: dict[str, Any] = {
    "StartAt": "Pick",
    "States": {
        "Pick": {
            "Type": "Choice",
            "Choices": [
                {"Not": {"Variable": "$.a", "IsPresent": True}, "Next": "Wait"},
                {"Or": [{"Variable": "$.a", "NumericLessThanPath": "$.b"}], "Next": "Each", "Assign": {"x.$": "$.a"}},
            ],
            "Default": "Both",
        },
        "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Both"},
        "Both": {
            "Type": "Parallel",
            "Branches": [{"StartAt": "In", "States": {"In": {"Type": "Succeed"}}}],
            "Next": "Each",
        },
        "Each": {
            "Type": "Map",
            "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"}},
            "ItemBatcher": {"MaxItemsPerBatch": 3},
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                "StartAt": "Do",
                "States": {
                    "Do": {
                        "Type": "Task",
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "Parameters": {"Payload.$": "States.Array($.x)"},
                        "Retry": [{"ErrorEquals": ["States.ALL"], "BackoffRate": 2}],
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Out", "ResultPath": "$.e"}],
                        "Next": "Out",
                    },
                    "Out": {"Type": "Fail", "ErrorPath": "$.e.Error", "Cause": "c"},
                },
            },
            "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b"}},
            "Label": "each",
            "Next": "Ata",
        },
        "Ata": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": {"a": "{% $x %}"}, "End": True},
    },
}
STRANGE: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "$",
    "$$.x",
    "{% 1",
    "States.Format('{')",
    [],
    {},
    [1],
    {"a": 1},
    [[]],
]


def places(value: Any, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner: list[tuple[str | int, ...]] = [place] if place else []
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        inner += places(member, (*place, key))
    return inner


def test_the_machine_that_is_broken_below_is_valid() -> None:
    """What is found after the change is the change's doing."""
    assert validate(BASE) == []


@pytest.mark.parametrize("seed", range(300))
def test_no_definition_makes_the_validator_fail(seed: int) -> None:
    """Anything in the place of anything is reported as a problem, with a place."""
    random = Random(seed)  # noqa: S311 - no secret is drawn
    definition = copy.deepcopy(BASE)
    for _ in range(random.randint(1, 3)):
        *way, last = random.choice(places(definition))
        holder: Any = definition
        for step in way:
            holder = holder[step]
        if random.random() < 0.3:
            del holder[last]
        else:
            holder[last] = copy.deepcopy(random.choice(STRANGE))
    text = json.dumps(definition, indent=1)
    by_value, by_text = validate(definition), validate(text)
    assert [(problem.code, problem.pointer) for problem in by_value] == [
        (problem.code, problem.pointer) for problem in by_text
    ]
    assert all(problem.line for problem in by_text)
