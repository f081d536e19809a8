"""JSON text with places."""

from __future__ import annotations

import json

import pytest

from flowgen.asl.validation.positions import JsonSyntaxError, line_and_column, read

TEXT = """{
  "a/b": [1, {"c~": true}],
  "d": {"e": "x\\n", "e": null}
}
"""


def test_values_are_those_of_any_reader() -> None:
    """Of keys that are twice the last one counts."""
    assert read(TEXT).value == json.loads(TEXT) == {"a/b": [1, {"c~": True}], "d": {"e": None}}


@pytest.mark.parametrize(
    ("pointer", "place"),
    [("", (1, 1)), ("/a~1b", (2, 3)), ("/a~1b/1", (2, 14)), ("/a~1b/1/c~0", (2, 15)), ("/d/e", (3, 21))],
)
def test_places_are_those_of_keys_and_items(pointer: str, place: tuple[int, int]) -> None:
    """A member is where its key begins, an item where its value begins."""
    assert line_and_column(TEXT, read(TEXT).offsets[pointer]) == place


def test_keys_that_are_twice_are_found() -> None:
    """The second one is reported, with its own place."""
    assert read(TEXT).duplicates == (("/d/e", TEXT.rindex('"e"')),)


@pytest.mark.parametrize(
    ("text", "start", "message"),
    [
        ("", 0, "Unexpected end-of-input"),
        ('{"a": 1', 7, "Unexpected end-of-input"),
        ("{a: 1}", 1, "Unrecognized token 'a'"),
        ('{"a": tru}', 6, "Unrecognized token 'tru'"),
        ('{"a": NaN}', 6, "Unrecognized token 'NaN'"),
        ('{"a": 1,}', 8, "Unexpected character ('}' (code 125))"),
        ("[1 2]", 3, "Unexpected character ('2' (code 50))"),
        ("[1] x", 4, "Unrecognized token 'x'"),
        ('["a', 1, "Unterminated string"),
        ("[" * 1000, 200, "The document is nested more than 200 deep"),
    ],
)
def test_what_is_not_json_is_reported_with_the_place(text: str, start: int, message: str) -> None:
    """The fault is found where it is."""
    with pytest.raises(JsonSyntaxError) as caught:
        read(text)
    assert caught.value.start == start
    assert caught.value.message.startswith(message)
