"""Choice rules, by the specification's text."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.asl.comparison import compile_pattern, compile_rule
from flowgen.asl.errors import QueryFailure, QuerySyntaxError

ABSENT = object()


def holds(rule: dict[str, Any], value: object, other: object = ABSENT) -> bool:
    root = {} if value is ABSENT else {"v": value}
    if other is not ABSENT:
        root["w"] = other
    return compile_rule({"Variable": "$.v", **rule}).holds(root, {}, {})


@pytest.mark.parametrize(
    ("rule", "yes", "no"),
    [
        ({"StringEquals": "a"}, ["a"], ["A", 1, None, ["a"]]),
        ({"StringLessThan": "b"}, ["a", "B", ""], ["b", 1]),
        ({"StringGreaterThanEquals": "b"}, ["b", "ba"], ["a", 3]),
        ({"NumericEquals": 1}, [1, 1.0], [True, "1", 2]),
        ({"NumericEquals": 0}, [0, 0.0], [False, None, ""]),
        ({"NumericLessThanEquals": 1.5}, [1, 1.5, -3], [2, "1", False]),
        ({"NumericGreaterThan": 10}, [11, 1e30], [10, "11"]),
        ({"BooleanEquals": True}, [True], [1, "true", False]),
        ({"BooleanEquals": False}, [False], [0, None, ""]),
        ({"TimestampEquals": "2016-03-14T01:59:00Z"}, ["2016-03-14T01:59:00Z", "2016-03-14T02:59:00+01:00"], ["x", 1]),
        ({"TimestampLessThan": "2001-01-01T12:00:00Z"}, ["2001-01-01T12:30:00+01:00"], ["2001-01-01T12:00:00Z"]),
        (
            {"TimestampGreaterThan": "2001-01-01T12:00:00.1Z"},
            ["2001-01-01T12:00:00.123456789Z"],
            ["2001-01-01T12:00:00Z"],
        ),
        ({"IsNull": True}, [None], ["", 0]),
        ({"IsNull": False}, ["", 0], [None]),
        ({"IsNumeric": True}, [0, 1.5], [True, "1"]),
        ({"IsString": True}, ["", "x"], [1, None]),
        ({"IsBoolean": True}, [True, False], [0, 1]),
        ({"IsTimestamp": True}, ["2016-03-14T01:59:00.5-08:00"], ["2016-03-14", "2016-13-14T01:59:00Z", 1]),
        ({"IsPresent": True}, [None, 0], [ABSENT]),
        ({"IsPresent": False}, [ABSENT], [None]),
        ({"StringMatches": "log-*.txt"}, ["log-.txt", "log-a.b.txt"], ["log.txt", "xlog-a.txt", 5]),
    ],
)
def test_operators_compare_values_of_their_kind(rule: dict[str, Any], yes: list[object], no: list[object]) -> None:
    """A value of a different kind is not a match, and booleans are not numbers."""
    assert [value for value in yes if not holds(rule, value)] == []
    assert [value for value in no if holds(rule, value)] == []


@pytest.mark.parametrize(
    ("rule", "value", "other", "expected"),
    [
        ({"StringEqualsPath": "$.w"}, "a", "a", True),
        ({"NumericLessThanPath": "$.w"}, 1, 2, True),
        ({"NumericLessThanPath": "$.w"}, 1, "2", False),
        ({"BooleanEqualsPath": "$.w"}, True, 1, False),
        ({"TimestampLessThanEqualsPath": "$.w"}, "2001-01-01T00:00:00Z", "2001-01-01T00:00:00.000Z", True),
    ],
)
def test_path_forms_compare_with_what_the_path_gives(
    rule: dict[str, Any], value: object, other: object, expected: object
) -> None:
    """Both sides must be of the operator's kind."""
    assert holds(rule, value, other) is expected


def test_rules_are_joined_and_negated() -> None:
    """And, Or and Not take rules in any depth, with their own variables."""
    rule = compile_rule(
        {
            "And": [
                {"Variable": "$.value", "IsPresent": True},
                {"Or": [{"Variable": "$x", "NumericEquals": 2}, {"Not": {"Variable": "$$.y", "BooleanEquals": True}}]},
            ],
            "Next": "Somewhere",
        }
    )
    assert rule.holds({"value": 1}, {"x": 2}, {"y": True})
    assert rule.holds({"value": 1}, {"x": 1}, {"y": False})
    assert not rule.holds({"value": 1}, {"x": 1}, {"y": True})
    assert not rule.holds({}, {"x": 2}, {"y": True})


def test_presence_guards_what_follows_it() -> None:
    """The rest of an And is not looked at once a part does not hold."""
    rule = compile_rule({"And": [{"Variable": "$.a", "IsPresent": True}, {"Variable": "$.a", "NumericEquals": 1}]})
    assert not rule.holds({}, {}, {})


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"Variable": "$.nope", "StringEquals": "a"}, "$.nope"),
        ({"Variable": "$.nope", "IsNull": True}, "$.nope"),
        ({"Variable": "$.a", "NumericEqualsPath": "$.nope"}, "$.nope"),
        ({"Variable": "$absent", "IsString": True}, "$absent"),
        ({"Variable": "$.list[3]", "NumericEquals": 1}, "$.list[3]"),
    ],
)
def test_a_missing_value_fails_the_state(rule: dict[str, Any], path: str) -> None:
    """Only IsPresent may ask for what is not there."""
    with pytest.raises(QueryFailure) as caught:
        compile_rule(rule).holds({"a": 1, "list": []}, {}, {})
    assert caught.value.error == "States.Runtime"
    assert (
        caught.value.cause == f"Invalid path '{path}': The choice state's condition path references an invalid value."
    )


@pytest.mark.parametrize(
    ("path", "expected"), [("$.list[0]", False), ("$.list[*]", False), ("$.full[0]", True), ("$.full[*]", True)]
)
def test_presence_of_items(path: str, *, expected: bool) -> None:
    """Nothing is present past the end of an array, or where a path selects nothing."""
    assert compile_rule({"Variable": path, "IsPresent": True}).holds({"list": [], "full": [0]}, {}, {}) is expected


@pytest.mark.parametrize(
    "rule",
    [
        {"Variable": "$.a"},
        {"Variable": "$.a", "StringEquals": "a", "IsNull": True},
        {"StringEquals": "a"},
        {"Variable": "a", "StringEquals": "a"},
        {"Variable": "$.a", "StringEquals": 1},
        {"Variable": "$.a", "NumericEquals": True},
        {"Variable": "$.a", "TimestampEquals": "yesterday"},
        {"Variable": "$.a", "StringMatches": 1},
        {"Variable": "$.a", "StringEqualsPath": 1},
        {"Variable": "$.a", "IsNull": "true"},
        {"And": []},
        {"Or": 1},
        {"And": [1]},
        {"Not": "$.a"},
    ],
)
def test_what_is_not_a_rule_does_not_compile(rule: dict[str, Any]) -> None:
    """A rule has one operator, a variable, and a value of the operator's kind."""
    with pytest.raises(QuerySyntaxError):
        compile_rule(rule)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("*", "", True),
        ("a*b*c", "abc", True),
        ("a*b*c", "a-b-b-c", True),
        ("a*b*c", "acb", False),
        ("ab*ba", "aba", False),
        (r"a\*c", "a*c", True),
        (r"a\*c", "abc", False),
        (r"a\\*", r"a\bc", True),
        (r"a\\*", "abc", False),
        ("*.log", "x.log\n", False),
        ("a.c", "abc", False),
    ],
)
def test_patterns_match_whole_texts(pattern: str, text: str, *, expected: bool) -> None:
    r"""`*` is any text, and `\*` and `\\` are the characters themselves."""
    assert compile_pattern(pattern)(text) is expected


@pytest.mark.parametrize("pattern", [r"a\d", "a\\"])
def test_an_open_escape_in_a_pattern_is_a_runtime_error(pattern: str) -> None:
    """The specification lets the definition pass, and the state fail."""
    matches = compile_pattern(pattern)
    with pytest.raises(QueryFailure, match="open escape backslash"):
        matches("a")


def test_a_pattern_of_many_wildcards_ends_soon() -> None:
    """What would take a backtracking matcher forever is one pass here."""
    assert not compile_pattern("*a" * 50 + "b")("a" * 100_000)
