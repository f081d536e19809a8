"""The names of executions that steps start."""

from __future__ import annotations

import pytest

from flowgen.asl.execution_names import REFUSED
from flowgen.pipeline import check_text

TEXT = """\
flowgen: 1
name: payout
input: {{fields: {{id: string, at: date-time, day: date, note?: string, n: integer}}}}
steps:
  - id: child
    workflow: payout
    name: {name}
"""


def found(name: str) -> list[tuple[str, str]]:
    return [
        (one.code, one.message)
        for one in check_text(TEXT.format(name=name))
        if one.severity.value == "error" and one.code != "FG240"
    ]


@pytest.mark.parametrize(
    "name", ["${ $input.id }", "payout-${ $input.id }", "p-${ $input.n }-${ $input.day }", "A-1_b.c", "${ $uuid() }"]
)
def test_names_that_may_be_allowed(name: str) -> None:
    assert found(name) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("pay out", "the name of an execution must not contain a space"),
        ("a/b-${ $input.id }", "the name of an execution must not contain `/`"),
        ('"a\\tb"', "the name of an execution must not contain U+0009"),
        ("n" * 81, "the name of an execution has at most 80 characters; this one has at least 81"),
        ('""', "the name of an execution must not be empty"),
    ],
)
def test_plain_text_that_aws_rejects(name: str, message: str) -> None:
    assert found(name) == [("FG402", message)]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("${ $input.at }", "FG302"),
        ("at-${ $input.at }", "FG302"),
        ("${ $now() }", "FG302"),
        ("${ $input.n }", "FG302"),
        ("5", "FG302"),
        ("[a]", "FG302"),
        ("${ $input.note }", "FG303"),
    ],
)
def test_types_that_aws_rejects(name: str, code: str) -> None:
    assert [one for one, _ in found(name)] == [code]


def test_rejected_characters() -> None:
    """API reference, StartExecution, `name`."""
    refused = [*'<>{}[]?*"#%\\\\^|~`$&,;:/ \t\n', "\x00", "\x1f", "\x7f", "\x9f"]
    assert [one for one in refused if not REFUSED.search(one)] == []
    assert [one for one in "azAZ09-_.@()=+!'é" if REFUSED.search(one)] == []
