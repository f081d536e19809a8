"""The word that was probably meant."""

from __future__ import annotations

import pytest

from flowgen.diagnostics import did_you_mean

KEYS = ["call", "wait", "set", "switch", "return", "fail", "steps", "with", "if", "retry", "catch", "timeout", "id"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("retyr", "retry"),  # two neighbors swapped: one edit
        ("cal", "call"),  # one left out
        ("swich", "switch"),
        ("tiemout", "timeout"),
        ("Steps", "steps"),  # case does not count
        ("di", "id"),  # a short word: its own letters, swapped
        ("IF", "if"),
        ("sett", "set"),  # four letters: one edit
    ],
)
def test_near_words_are_suggested(word: str, expected: str) -> None:
    """One edit for every three letters, and case for nothing."""
    assert did_you_mean(word, KEYS) == expected


@pytest.mark.parametrize("word", ["x", "is", "on", "foreach", "description", "", "call"])
def test_far_words_are_not(word: str) -> None:
    """A suggestion that shares little with what was written confuses, and so does the word itself."""
    assert did_you_mean(word, KEYS) is None


def test_separators_do_not_count() -> None:
    """Users of other workflow languages write `max-concurrency` and `maxConcurrency`."""
    candidates = ["max_interval", "max_concurrency"]
    assert did_you_mean("max-concurrency", candidates) == "max_concurrency"
    assert did_you_mean("maxConcurrency", candidates) == "max_concurrency"


def test_of_equally_near_words_the_one_that_starts_alike_wins() -> None:
    """`wit` is one edit from `wait` and from `with`, and shares three letters with the start of `with`."""
    assert did_you_mean("wit", ["wait", "with"]) == "with"
    assert did_you_mean("wit", ["with", "wait"]) == "with"


def test_of_wholly_equal_ones_the_first_wins() -> None:
    """The order of the candidates decides last, so that the same file gets the same message."""
    assert did_you_mean("cat", ["car", "cap"]) == "car"
    assert did_you_mean("cat", ["cap", "car"]) == "cap"


def test_long_words_are_not_compared() -> None:
    """A string of a megabyte under a key costs nothing."""
    assert did_you_mean("a" * 1_000_000, ["a" * 999_999]) is None


@pytest.mark.parametrize(("word", "expected"), [("retries", "retry"), ("waits", "wait"), ("step", "steps")])
def test_number_does_not_count(word: str, expected: str) -> None:
    """One key, or several: writers of other languages' workflows mix them up."""
    assert did_you_mean(word, KEYS) == expected
