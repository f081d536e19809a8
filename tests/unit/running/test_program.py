"""Foreign definitions as programs, and what is reported of wrong ones."""

from __future__ import annotations

import json

import pytest

from flowgen.running import of_definition

STATE = '{"Type": "Pass", "End": true}'


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("{", ["FG410 1:2"]),
        ('{"StartAt": "A",\n "States": {"A": {"Type": "Pss", "End": true}}}', ["FG410 2:19"]),
        (f'{{"StartAt": "B", "States": {{"A": {STATE}}}}}', ["FG410 1:2"]),
        ('{"StartAt": "A", "States": {\n "A": {"Type": "Task", "Resource": 1, "End": true}}}', ["FG410 2:24"]),
        (
            """{"QueryLanguage": "JSONata", "StartAt": "A", "States": {
"A": {"Type": "Pass", "End": true, "Output": "{% 1 + %}"}}}""",
            ["FG410 2:36"],
        ),
    ],
)
def test_what_is_wrong_has_its_line_and_column(text: str, findings: list[str]) -> None:
    """An invalid definition is not run; each finding has the JSON pointer as its label."""
    program, found = of_definition("m", "m.json", text, {})
    assert program is None
    assert sorted({f"{d.code} {d.span.start.line}:{d.span.start.column}" for d in found if d.span}) == findings


def test_parameters_fill_placeholders() -> None:
    """`${NAME}` is replaced in every text, as DefinitionSubstitutions are; others stay."""
    states = {"A": {"Type": "Pass", "Result": {"a": "x-${One}", "b": "${Two}"}, "End": True}}
    text = json.dumps({"StartAt": "A", "States": states})
    program, _ = of_definition("m", "m.json", text, {"One": 'a "quoted" one'})
    assert program is not None
    assert program.definition["States"]["A"]["Result"] == {"a": 'x-a "quoted" one', "b": "${Two}"}
