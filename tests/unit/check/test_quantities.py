"""Durations and numbers that expressions compute: their types and bounds."""

from __future__ import annotations

import pytest

from flowgen.pipeline import check_text

TEXT = """\
flowgen: 1
name: sizes
input: {fields: {n: integer, share: number, note?: integer, text: string}}
output: any
functions:
  poll: {input: any, output: {fields: {ready: boolean, after: integer, level: integer = 5}}}
  ask: {input: any, output: any}
steps:
  - id: wait_for
    repeat: {max: 5, every: EVERY, until: $poll.ready}
    steps:
      - {id: poll, call: poll}
  - id: review
    call: ask
    callback: any
    timeout: TIMEOUT
    heartbeat: HEARTBEAT
    compensate: {call: ask, with: 1, timeout: UNDO}
  - id: files
    for_each: {reader: jsonl, bucket: b, key: k, max_items: MAX_ITEMS}
    mode: distributed
    max_concurrency: CONCURRENCY
    batch: {items: ITEMS, bytes: BYTES}
    tolerate: {count: COUNT, percent: PERCENT}
    as: item
    steps:
      - {id: stored, set: "${ $item }"}
"""
COMPUTED = {
    "EVERY": "$poll.after",
    "TIMEOUT": "$input.n * 60",
    "HEARTBEAT": "$round($input.share)",
    "UNDO": "$input.n",
    "MAX_ITEMS": "$input.n",
    "CONCURRENCY": "$input.n + 1",
    "ITEMS": "$input.n",
    "BYTES": "1024 * $input.n",
    "COUNT": "$input.n",
    "PERCENT": "$input.share",
}
BOUNDS = {
    "EVERY": (0, 99_999_999),
    "TIMEOUT": (1, 99_999_999),
    "HEARTBEAT": (1, 99_999_999),
    "UNDO": (1, 99_999_999),
    "MAX_ITEMS": (1, 100_000_000),
    "CONCURRENCY": (0, 10_000),
    "ITEMS": (1, 100_000_000),
    "BYTES": (1, 262_144),
    "COUNT": (0, 100_000_000),
    "PERCENT": (0, 100),
}


def errors(**changed: str) -> list[tuple[str, str]]:
    text = TEXT
    for key, expression in (COMPUTED | changed).items():
        text = text.replace(f" {key}", f' "${{ {expression} }}"')
    return [(one.code, one.message) for one in check_text(text) if one.severity.value == "error"]


def test_computed() -> None:
    assert errors() == []


@pytest.mark.parametrize("key", COMPUTED)
def test_bounds(key: str) -> None:
    """The bounds themselves are allowed, what is beyond them is not."""
    least, most = BOUNDS[key]
    assert errors(**{key: f"$input.n > 1 ? {least} : {most}"}) == []
    for beyond in (least - 1, most + 1):
        [(code, message)] = errors(**{key: f"$input.n > 1 ? {beyond} : {most}"})
        assert code == "FG302"
        assert message == f"this may be {beyond:,}, expected {least:,} to {most:,}"


@pytest.mark.parametrize("key", COMPUTED)
def test_types(key: str) -> None:
    assert [code for code, _ in errors(**{key: "$input.text"})] == ["FG302"]
    assert [code for code, _ in errors(**{key: "$input.note"})] == ["FG303"]
    assert [code for code, _ in errors(**{key: "$nobody"})] == ["FG203"]


@pytest.mark.parametrize("key", [key for key in COMPUTED if key != "PERCENT"])
def test_whole_numbers(key: str) -> None:
    assert [code for code, _ in errors(**{key: "$input.share"})] == ["FG302"]


def test_values_of_the_round() -> None:
    """The wait before the first round cannot read the steps of a round."""
    text = TEXT.replace("max: 5", "first: wait, max: 5")
    for key, expression in COMPUTED.items():
        text = text.replace(f" {key}", f' "${{ {expression} }}"')
    assert [one.code for one in check_text(text) if one.severity.value == "error"] == ["FG208"]


@pytest.mark.parametrize("key", ["timeout", "heartbeat"])
def test_braces_are_required(key: str) -> None:
    """As in `wait`: without braces, a string is a duration."""
    text = TEXT.split("  - id: files", maxsplit=1)[0]
    text = text.replace("EVERY", "1s").replace("TIMEOUT", "1m").replace("HEARTBEAT", "1s").replace("UNDO", "1s")
    text = text.replace(f"    {key}: {'1m' if key == 'timeout' else '1s'}", f"    {key}: $input.n")
    [found] = [one for one in check_text(text) if one.severity.value == "error"]
    assert (found.code, found.help) == ("FG106", 'write `"${ $input.n }"`, a number of seconds')
