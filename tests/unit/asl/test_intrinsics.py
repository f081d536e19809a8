"""Intrinsic functions, by the examples of the developer guide and by what the service was seen to do."""

from __future__ import annotations

import uuid
from random import Random
from typing import Any

import pytest

from flowgen.asl.errors import QueryFailure, QuerySyntaxError
from flowgen.asl.intrinsic_functions import in_hash_order, java_hash
from flowgen.asl.intrinsics import compile_call


def call(text: str, root: Any = None, variables: dict[str, Any] | None = None, context: Any = None) -> Any:
    random = Random(7)  # noqa: S311 - no secret is drawn
    return compile_call(text).evaluate(root, variables or {}, context or {}, random)


@pytest.mark.parametrize(
    ("text", "root", "expected"),
    [
        ("States.Array('a', 1, null, true, $.x)", {"x": [2]}, ["a", 1, None, True, [2]]),
        ("States.Array()", {}, []),
        ("States.ArrayPartition($.a, 4)", {"a": [1, 2, 3, 4, 5, 6, 7, 8, 9]}, [[1, 2, 3, 4], [5, 6, 7, 8], [9]]),
        ("States.ArrayPartition($.a, 2.6)", {"a": [1, 2, 3, 4, 5]}, [[1, 2], [3, 4], [5]]),
        ("States.ArrayContains($.a, 5)", {"a": [1, 5]}, True),
        ("States.ArrayContains($.a, false)", {"a": [0, 1, -1]}, False),
        ("States.ArrayContains($.a, $.b)", {"a": [{"x": 1}], "b": {"x": 1}}, True),
        ("States.ArrayRange(1, 9, 2)", {}, [1, 3, 5, 7, 9]),
        ("States.ArrayRange(5, 1, -2)", {}, [5, 3, 1]),
        ("States.ArrayRange(3, 3, -1)", {}, [3]),
        ("States.ArrayRange(5, 1, 1)", {}, []),
        ("States.ArrayRange(5.4, -0.6, -2.4)", {}, [5, 3, 1]),
        ("States.ArrayGetItem($.a, 5)", {"a": [1, 2, 3, 4, 5, 6]}, 6),
        ("States.ArrayGetItem($.a, 1.2)", {"a": [10, 20]}, 20),
        ("States.ArrayGetItem($.a, 999)", {"a": []}, None),
        ("States.ArrayLength($.a)", {"a": [1, 2, 3]}, 3),
        ("States.ArrayUnique($.a)", {"a": [1, 2, 3, 3, 3, 3, 4]}, [1, 2, 3, 4]),
        ("States.Base64Encode($.a)", {"a": "Data to encode"}, "RGF0YSB0byBlbmNvZGU="),
        ("States.Base64Decode($.a)", {"a": "RGVjb2RlZCBkYXRh"}, "Decoded data"),
        ("States.Base64Decode(' YWJj ZA')", {}, "abcd"),
        ("States.Base64Decode('4pyT')", {}, "✓"),
        ("States.Hash('input data', 'SHA-1')", {}, "aaff4a450a104cd177d28d18d74485e8cae074b7"),
        ("States.Hash('hello', 'MD5')", {}, "5d41402abc4b2a76b9719d911017c592"),
        (
            "States.JsonMerge($.a, $.b, false)",
            {"a": {"x": {"p": 1}, "y": 2}, "b": {"x": {"q": 3}}},
            {"x": {"q": 3}, "y": 2},
        ),
        ("States.StringToJson($.a)", {"a": '{"number": 20}'}, {"number": 20}),
        ("States.StringToJson($.a)", {"a": " "}, None),
        ("States.JsonToString($.a)", {"a": {"b": [1, 1.5, "é", None]}}, '{"b":[1,1.5,"é",null]}'),
        ("States.JsonToString($.a)", {"a": [1e10, 123456789.5, 0.00025, 1.0]}, "[1.0E10,1.234567895E8,2.5E-4,1.0]"),
        ("States.MathAdd($.a, -1)", {"a": 111}, 110),
        ("States.MathAdd(-1.5, 2.5)", {}, 2),
        ("States.MathAdd(2147483646, 1)", {}, 2147483647),
        ("States.StringSplit($.a, ',')", {"a": "1,2,3"}, ["1", "2", "3"]),
        ("States.StringSplit($.a, '.+,=')", {"a": "This.is+a,test=string"}, ["This", "is", "a", "test", "string"]),
        ("States.StringSplit($.a, ',')", {"a": ",,a,,b,"}, ["a", "b"]),
        ("States.StringSplit('abc', '')", {}, ["abc"]),
        ("States.Format('Hello, my name is {}.', $.a)", {"a": "Arnav"}, "Hello, my name is Arnav."),
        ("States.Format($.t, $.a)", {"t": "Hi {}.", "a": True}, "Hi true."),
        ("States.Format('{}|{}', null, $.a)", {"a": {"x": [1, "y"], "z": 1.5}}, "null|{x=[1, y], z=1.5}"),
        ("States.Format('plain')", {}, "plain"),
        (r"States.Format('it\'s \{{}\} \\ ok', 1)", {}, r"it's {1} \ ok"),
        (r"States.StringToJson('\{\"a\": {}}')".replace(r"\"", '"'), {}, {"a": {}}),
    ],
)
def test_functions_give_what_the_service_gives(text: str, root: Any, expected: object) -> None:
    """Each function with the values of the developer guide, and with those at its edges."""
    assert call(text, root) == expected


def test_calls_nest_and_read_context_and_variables() -> None:
    """An argument is a call, or a path into the input, the context object or a variable."""
    text = "States.Format('{}-{}', States.ArrayGetItem(States.StringSplit($$.State.Name, '-'), 1), $who['a,b)'][0])"
    assert call(text, {}, {"who": {"a,b)": ["me"]}}, {"State": {"Name": "x-y"}}) == "y-me"


def test_random_numbers_come_from_the_source_handed_in() -> None:
    """The start is included and the end is not, and a seed gives the same number each time."""
    numbers = {compile_call("States.MathRandom(1, 4)").evaluate({}, {}, {}, Random(seed)) for seed in range(50)}  # noqa: S311
    assert numbers == {1, 2, 3}
    assert call("States.MathRandom(0, 999, 3)") == call("States.MathRandom(0, 999, 3)")


def test_uuids_are_version_four_and_repeat_with_the_source() -> None:
    """The same source of randomness gives the same UUID."""
    first = call("States.UUID()")
    assert uuid.UUID(first).version == 4
    assert call("States.UUID()") == first


@pytest.mark.parametrize(
    "text",
    [
        "States.ArrayPartition($.a, 0)",
        "States.ArrayPartition($.a, 0.6)",
        "States.ArrayPartition('text', 2)",
        "States.ArrayContains('text', 'x')",
        "States.ArrayRange(1, 10, 0.49)",
        "States.ArrayRange(1, 1001, 1)",
        "States.ArrayRange(1, 99999999999999999999999, 1)",
        "States.ArrayGetItem($.a, 3)",
        "States.ArrayGetItem($.a, -1)",
        "States.ArrayGetItem($.a, '1')",
        "States.ArrayLength('text')",
        "States.Base64Encode($.long)",
        "States.Base64Encode(1)",
        "States.Hash('data', 'sha-256')",
        "States.Hash($.long, 'MD5')",
        "States.JsonMerge($.a, $.a, false)",
        "States.JsonMerge($.o, $.o, true)",
        "States.MathAdd(2147483647, 1)",
        "States.MathAdd('1', 2)",
        "States.MathAdd(true, 1)",
        "States.MathRandom(1.4, 1.6)",
        "States.MathRandom(1, 10, null)",
        "States.StringSplit($.a, ',')",
        "States.StringToJson('bad json')",
        "States.StringToJson('NaN')",
        "States.StringToJson($.deep)",
        "States.Format('{} {}', 1)",
        "States.Format('Hello {', 1)",
        "States.Format('}')",
        "States.Format($.o)",
        "States.Base64Decode()",
        "States.ArrayLength($.a, 1)",
    ],
)
def test_arguments_that_a_function_does_not_take_fail_the_call(text: str) -> None:
    """The cause names the call and the function, as the service does."""
    root = {"a": [1, 2, 3], "o": {}, "long": "x" * 10_001, "deep": "[" * 100_000}
    with pytest.raises(QueryFailure) as caught:
        call(text, root)
    name = text.partition("(")[0]
    assert caught.value.error == "States.Runtime"
    assert caught.value.cause == f"The function '{text}' had the following error: Invalid arguments in {name}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "States.Format('{}', States.Format('{}', $.nope))",
            "The JsonPath argument for the field '$.nope' could not be found in the input '{\"other\":1}'",
        ),
        (
            "States.ArrayLength($.list[5])",
            "The JsonPath argument for the field '$.list[5]' could not be found in the input '{\"other\":1}'",
        ),
        (
            "States.Format('{}', $$.Nope.Deep)",
            "The JsonPath argument for the field '$.Nope.Deep' could not be found in the input '{\"other\":1}'",
        ),
        ("States.Format('{}',$.other[0])", "Filter: [0] can only be applied to arrays. Current context is: 1"),
    ],
)
def test_a_missing_argument_fails_with_the_whole_call_in_the_cause(text: str, reason: str) -> None:
    """Paths into the context object are reported as if they began at `$`, and the input is always shown."""
    with pytest.raises(QueryFailure) as caught:
        call(text, {"other": 1})
    assert caught.value.cause == f"The function '{text}' had the following error: {reason}"


@pytest.mark.parametrize(
    ("text", "position"),
    [
        (" States.Array(1)", 0),
        ("States.Nope(1)", 0),
        ("States.Array(1", 13),
        ("States.Array(1,)", 15),
        ("States.Array(1 2)", 13),
        ("States.Array('a)", 13),
        (r"States.Array('a\nb')", 15),
        ('States.Array("a")', 13),
        ("States.Array($.a[)", 17),
        ("States.Array(1)[0]", 15),
        ("States.Array(States.Nope())", 13),
        ("States.Array(" * 11 + ")" * 11, 130),
    ],
)
def test_what_is_not_a_call_is_reported_with_the_place(text: str, position: int) -> None:
    """The error is where the text stops being a call."""
    with pytest.raises(QuerySyntaxError) as caught:
        compile_call(text)
    assert caught.value.position == position


def test_a_call_tells_its_paths_and_its_flaws() -> None:
    """A wrong number of arguments is known beforehand, though only the evaluation fails."""
    compiled = compile_call("States.Array($.a, States.MathAdd($b, 1, 2), States.Format('{}', 1, 2))")
    assert [path.text for path in compiled.paths] == ["$.a", "$b"]
    assert compiled.flaws == (
        "States.MathAdd does not take 3 arguments",
        "The template of States.Format has 1 '{}' for 2 arguments",
    )


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([True, False, True], [False, True]),
        ([[1, 2], [1, 2], [2, 1]], [[2, 1], [1, 2]]),
        ([None, None, 1, None], [None, 1]),
        ([1, "1", 1, "01"], [1, "1", "01"]),
        ([{"a": 1, "b": 2}, {"b": 2, "a": 1}], [{"a": 1, "b": 2}]),
    ],
)
def test_unique_items_come_in_the_order_of_a_java_set(items: list[Any], expected: list[Any]) -> None:
    """The order in which the service was seen to return them."""
    assert in_hash_order(items) == expected


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", 0),
        ("hello", 99162322),
        ("polygenelubricants", 2147483648),
        (2**40, 256),
        (1.5, 1073217536),
        ([], 1),
        ({}, 0),
    ],
)
def test_hash_codes_are_those_of_java(value: Any, code: int) -> None:
    """Known hash codes, modulo 2**32: "polygenelubricants" is the famous text whose hash is the least integer."""
    assert java_hash(value) & 0xFFFFFFFF == code
