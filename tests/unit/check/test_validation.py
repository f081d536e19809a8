"""`validate`: what the types of checked values are, and what the checks leave out."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowgen.diagnostics import Diagnostic
from flowgen.pipeline import check_paths, check_text

HEAD = """\
flowgen: 1
name: tested
input: any
output: any
types:
  Rate: {fields: {rate: number, mail?: email}}
functions:
  work: {input: Rate, output: any}
steps:
"""
ASKED = "  - {id: asked, http: GET https://example.com, connection: c, output: Rate%s}\n"
GIVEN = "  - {id: done, call: work, with: '${ $asked }'}\n"


def found(text: str, *codes: str) -> list[Diagnostic]:
    return [one for one in check_text(text) if one.code in codes]


@pytest.mark.parametrize(
    ("workflow", "step", "codes"),
    [
        ("", "", ["FG302"]),
        ("", ", validate: true", []),
        ("validate: true\n", "", []),
        ("validate: [http]\n", "", []),
        ("validate: [callback]\n", "", ["FG302"]),
        ("validate: true\n", ", validate: false", ["FG302"]),
    ],
)
def test_a_checked_response_has_only_the_declared_fields(workflow: str, step: str, codes: list[str]) -> None:
    text = HEAD.replace("input: any\n", f"input: any\n{workflow}", 1) + ASKED % step + GIVEN
    assert [one.code for one in found(text, "FG302")] == codes


def test_an_unchecked_response_can_be_checked() -> None:
    (told,) = found(HEAD + ASKED % "" + GIVEN, "FG302")
    assert told.help is not None
    assert told.help.endswith("or add `validate: true` to the step of the response")


def test_an_aws_result_with_a_type_is_checked_too() -> None:
    step = "  - {id: asked, aws: 's3:getObject', with: {Bucket: b, Key: k}, output: Rate%s}\n"
    assert [one.code for one in found(HEAD + step % "" + GIVEN, "FG302")] == ["FG302"]
    assert found(HEAD + step % ", validate: true" + GIVEN, "FG302") == []


@pytest.mark.parametrize(
    "step",
    [
        "http: GET https://example.com, connection: c",
        "aws: 's3:listBuckets'",
        "call: work, with: {rate: 1}",
    ],
)
def test_there_must_be_something_to_check(step: str) -> None:
    (told,) = found(HEAD + f"  - {{id: asked, {step}, validate: true}}\n", "FG113")
    assert told.message == "`validate` has nothing to check here"


def test_the_setting_of_a_workflow_does_not_require_something_to_check() -> None:
    text = HEAD.replace("input: any\n", "input: any\nvalidate: true\n", 1)
    assert (
        found(text + "  - {id: asked, aws: 's3:listBuckets'}\n" + "  - {id: d, call: work, with: {rate: 1}}\n", "FG113")
        == []
    )


@pytest.mark.parametrize(
    ("value", "message", "help_"),
    [
        ("yes", "expected `true`, `false` or a list of boundaries, found a string", None),
        ("[inputs]", "`inputs` is not a boundary", "did you mean `input`?"),
        ("[[]]", "expected a boundary", None),
    ],
)
def test_wrong_boundaries(value: str, message: str, help_: str | None) -> None:
    (told,) = found(HEAD.replace("input: any\n", f"input: any\nvalidate: {value}\n", 1) + ASKED % "", "FG102")
    assert told.message == message
    assert help_ is None or told.help == help_


def test_a_keyword_that_jsonata_cannot_express_is_reported_once() -> None:
    types = "  Rate: {fields: {rate: number, mail?: {type: string, pattern: '^\\p{L}'}}}\n"
    text = HEAD.replace("  Rate: {fields: {rate: number, mail?: email}}\n", types) + ASKED % ", validate: true"
    (told,) = found(text + (ASKED % ", validate: true").replace("asked", "again"), "FG316")
    assert told.message == r"`validate` does not check `pattern: ^\p{L}`"


CHILD = """flowgen: 1
name: child
input: {fields: {mail: email}}
output: any
steps: []
"""
PARENT = """flowgen: 1
name: parent
input: {fields: {text: string}}
output: any
steps:
  - {id: done, workflow: child, with: {mail: "${ $input.text }"}}
"""


@pytest.mark.parametrize(("setting", "codes"), [("", ["FG307"]), ("validate: [input]\n", [])])
def test_a_child_that_checks_its_input_enforces_formats(tmp_path: Path, setting: str, codes: list[str]) -> None:
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "child.yaml").write_text(CHILD.replace("output", f"{setting}output"))
    (tmp_path / "workflows" / "parent.yaml").write_text(PARENT)
    report = check_paths(("workflows/parent.yaml",), tmp_path)
    assert [one.code for one in report.diagnostics if one.code != "FG240"] == codes
