"""Variables that states refer to."""

from __future__ import annotations

import re
from typing import Any

from flowgen.asl.variables import variable_references


def names(text: str) -> list[str]:
    return re.findall(r"\$(\w+)", text)


def references(*states: dict[str, Any], **fields: Any) -> dict[str, list[str]]:
    return variable_references({"States": {f"S{at}": state for at, state in enumerate(states)}, **fields}, names)


def test_every_field_with_queries_counts() -> None:
    """Paths, templates, rules, catchers and the parts of a Map state."""
    assert references(
        {
            "Type": "Pass",
            "InputPath": "$b.x",
            "OutputPath": "$a",
            "Parameters": {"p": [{"q.$": "States.Array($c, $$.x)"}]},
        },
        {"Type": "Choice", "Choices": [{"Or": [{"Variable": "$d", "StringEqualsPath": "$e.f"}], "Next": "S0"}]},
        {"Type": "Task", "Catch": [{"Assign": {"x.$": "$f"}}], "TimeoutSecondsPath": "$g"},
        {
            "Type": "Map",
            "ItemReader": {"ReaderConfig": {"MaxItemsPath": "$h"}},
            "ItemBatcher": {"BatchInput": {"x.$": "$i"}},
        },
        {"Type": "Fail", "CausePath": "States.Format('{}', $j)"},
    ) == {"S0": ["a", "b", "c"], "S1": ["d", "e"], "S2": ["f", "g"], "S3": ["h", "i"], "S4": ["j"]}


def test_what_is_literal_does_not_count() -> None:
    """Results, comments, literal fields of a template, the reserved variable, and what does not parse."""
    assert (
        references(
            {"Type": "Pass", "Result": {"a.$": "$x"}, "Comment": "$y", "Parameters": {"SomePath": "$z", "b": "$w"}},
            {"Type": "Pass", "InputPath": "$states.x"},
            {"Type": "Pass", "InputPath": "$x[", "Parameters": {"a.$": "$y["}},
            {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "$x", "Comment": "{% $y %}"},
        )
        == {}
    )


def test_nested_states_count_for_themselves() -> None:
    """A Map or Parallel state does not refer to what the states in it refer to."""
    inner = {"States": {"I": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": [{"a": "{% $x & $states.y %}"}]}}}
    assert references(
        {"Type": "Parallel", "Branches": [inner], "OutputPath": "$p"},
        {"Type": "Map", "ItemProcessor": {"States": {"J": {"Type": "Pass", "InputPath": "$y"}}}},
    ) == {"S0": ["p"], "I": ["x"], "J": ["y"]}


def test_the_language_of_the_machine_counts_for_states_without_one() -> None:
    """Nothing in a JSONata state is a path."""
    assert references({"Type": "Pass", "Output": "{% $a %}", "InputPath": "$b"}, QueryLanguage="JSONata") == {
        "S0": ["a"]
    }


def test_what_is_not_a_definition_refers_to_nothing() -> None:
    """The validator tells what is wrong with it."""
    assert variable_references({"States": 1}, names) == {}
    assert variable_references({"States": {"A": 1, "B": {"Branches": 2}}}, names) == {}
