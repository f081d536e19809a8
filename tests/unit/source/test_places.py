"""Where the characters of a scalar are in the file, whichever way it is written."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowgen.diagnostics import Position, Sink
from flowgen.source import Mapping, Scalar, Style, read
from tests.marked import FILE, unmarked


def value_of(text: str) -> Scalar:
    sink = Sink()
    root = read(FILE, text, sink)
    assert list(sink) == []
    assert isinstance(root, Mapping)
    found = root.entries[0].value
    assert isinstance(found, Scalar)
    return found


@pytest.mark.parametrize(
    "marked",
    [
        "k: a «target» b\n",
        "k: 'a «target» b'\n",
        "k: 'it''s ''a'' «target» b'\n",
        'k: "a «target» b"\n',
        'k: "\\"\\\\\\t\\x41\\u00e9\\U0001f600 «target» b"\n',
        'k: "\\ud83d\\ude00\\ud83d\\ude00 «target» b"\n',
        'k: "\U0001f600é «target» b"\n',
        'k: "a\\\n    b \\\n    «target» b"\n',
        'k: "a\n\n   b\n  «target» b"\n',
        "k: 'a\n\n   b\n  «target» b'\n",
        "k: a\n\n   b\n  «target» b\n",
        "k: |\n  a\n    b\n\n\n  «target» b\n",
        "k: |-\n  a\n  «target»",
        "k: |2\n    a «target»\n",
        "k: | # comment\n  a «target»\n",
        "k: >\n  a\n  b\n\n    c\n  «target» b\n",
        "k: >+\n  a\n   b  c «target»\n\n",
        "k:\r\n  |\r\n    a\r\n    «target» b\r\n",
        "k: 'a\r\n  «target»'\r\n",
        "k: &x a «target»\n",
        "k: !Sub_ a «target»\n".replace("!Sub_", "!!str"),
        "k: {l: 1}\n".replace("{l: 1}", "a{«target»}"),
        'k: "a\\\n  \\  «target»"\n',
    ],
)
def test_a_word_in_a_scalar(marked: str) -> None:
    """Its place in the file is where it is marked, its place in the text where it is found."""
    text, span = unmarked(marked)
    scalar = value_of(text)
    start = scalar.text.index("target")
    assert scalar.part(start, start + 6) == span


def test_empty_parts_and_the_end() -> None:
    """A part of no characters is a point; one past the end is at the end."""
    scalar = value_of("k: 'ab'\n")
    assert scalar.part(1, 1).start == scalar.part(1, 1).end == Position(1, 6)
    assert scalar.part(2, 2).start == Position(1, 8)
    assert scalar.part(1, 9).end == Position(1, 8)


_PLAIN = st.text(alphabet="abé\U0001f600$_", min_size=1, max_size=8)


def _quoted(text: str, style: Style) -> str:
    match style:
        case Style.SINGLE_QUOTED:
            return "'" + text.replace("'", "''") + "'"
        case Style.DOUBLE_QUOTED:
            return json.dumps(text)
        case Style.BLOCK:
            return "|-\n" + "\n".join(f"  {line}" for line in text.split("\n"))
        case Style.PLAIN:
            return "\n  ".join(text.split(" "))


@settings(derandomize=True, database=None, deadline=None, max_examples=300)
@given(words=st.lists(_PLAIN, min_size=2, max_size=8), style=st.sampled_from(Style), which=st.integers(0, 7))
def test_any_word_of_any_scalar(words: list[str], style: Style, which: int) -> None:
    """Every word of a string is found in the file where it was written."""
    words = [*words[: which % len(words)], "t'x", *words[which % len(words) :]]
    text = (" " if style is not Style.BLOCK else "\n").join(words)
    written = f"k: {_quoted(text, style)}\n"
    scalar = value_of(written)
    assert scalar.text == text
    span = scalar.part(scalar.text.index("t'x"), scalar.text.index("t'x") + 3)
    lines = written.split("\n")
    assert span.start.line == span.end.line
    found = lines[span.start.line - 1][span.start.column - 1 : span.end.column - 1]
    assert found == ("t''x" if style is Style.SINGLE_QUOTED else "t'x")


def test_asking_for_many_parts_of_a_long_scalar() -> None:
    """Where the characters are is found out once: this test would not end otherwise."""
    scalar = value_of("k: " + "ab " * 20_000 + "end\n")
    spans = [scalar.part(at, at + 2) for at in range(0, 60_000, 3)]
    assert spans[-1].start == Position(1, 4 + 59_997)
