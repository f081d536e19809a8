"""Mocks, answers, inputs and events have the types that the workflow declares, or the test says what differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowgen.pipeline import check_paths
from flowgen.testing import Workflow, load, raises
from flowgen.testing.coverage import parts_of

TEXT = """\
flowgen: 1
name: w
input: Order
output: any
VALIDATE
types:
  Order: {fields: {id: string, amount: {type: integer, minimum: 1}}}
  Answer: {fields: {approved: boolean}}
  Page: {fields: {Prefix: string}}
functions:
  ask: {input: Order}
  look: {arn: "arn:aws:lambda:eu-west-1:123456789012:function:look", output: Answer}
triggers:
  placed: {event: {source: [shop]}, detail: Order, with: "${ $event.detail }"}
steps:
  - {id: asked, aws: "sqs:sendMessage", with: {QueueUrl: q, MessageBody: "${ $context.Task.Token }"}, callback: Answer}
  - {id: page, http: GET https://example.com, connection: bank, output: Answer}
  - {id: listed, aws: "s3:listBuckets", output: Page}
  - {id: looked, call: look}
  - {id: child, workflow: other}
  - {id: done, set: "${ [$asked, $page, $listed, $looked, $child] }"}
"""
OTHER = """\
flowgen: 1
name: other
output: Answer
types: {Answer: {fields: {approved: boolean}}}
steps: [{id: x, set: {approved: true}}]
"""
ORDER = {"id": "a", "amount": 1}
YES, PAGE = {"approved": True}, {"Prefix": "a"}
MOCKS: dict[str, Any] = {
    "asked": YES,
    "page": {"ResponseBody": YES},
    "listed": PAGE,
    "looked": YES,
    "child": {"Output": YES},
}


def project(folder: Path, validate: str = "") -> Workflow:
    (folder / "pyproject.toml").write_text("[tool.flowgen]\n")
    (folder / "workflows").mkdir()
    text = TEXT.replace("VALIDATE\n", f"validate: {validate}\n" if validate else "").replace(
        "  ask: {input: Order}\n", ""
    )
    (folder / "workflows" / "w.yaml").write_text(text)
    (folder / "workflows" / "other.yaml").write_text(OTHER)
    return load("workflows/w.yaml", folder)


def test_right_mocks_are_used(tmp_path: Path) -> None:
    assert project(tmp_path).run(ORDER, mocks=MOCKS).output == [YES, YES, PAGE, YES, YES]


WRONG: dict[str, Any] = {
    "asked": ({"approved": "no"}, "the type `Answer`: $.approved: expected boolean, got string"),
    "page": ({"ResponseBody": {}}, "the type `Answer`: $.ResponseBody.approved: missing"),
    "listed": ({"Prefix": 1}, "the type `Page`: $.Prefix: expected string, got number"),
    "looked": (None, "the type `Answer`: $: expected object, got null"),
    "child": ({"Output": {**YES, "by": "ada"}}, "the type `Answer`: $.Output.by: not allowed"),
}


@pytest.mark.parametrize("step", MOCKS)
def test_a_mock_of_another_type_fails_the_test(tmp_path: Path, step: str) -> None:
    wrong, message = WRONG[step]
    with pytest.raises(AssertionError) as told:
        project(tmp_path).run(ORDER, mocks={**MOCKS, step: lambda _: wrong})
    assert str(told.value) == f"mock of `{step}` does not have {message}"


def test_an_answer_of_another_type_fails_the_test(tmp_path: Path) -> None:
    others = {name: mock for name, mock in MOCKS.items() if name != "asked"}
    with pytest.raises(
        AssertionError, match=r"answer of `asked` does not have the type `Answer`: \$\.approved: missing"
    ):
        project(tmp_path).run(ORDER, mocks=others, answers={"asked": {}})


def test_mocked_errors_have_no_type(tmp_path: Path) -> None:
    project(tmp_path).run(ORDER, mocks={**MOCKS, "looked": raises("Lost")}).failed("Lost")


def test_an_input_of_another_type_is_not_run(tmp_path: Path) -> None:
    workflow = project(tmp_path)
    with pytest.raises(
        ValueError, match=r"^the input does not have the type `Order`: \$\.amount: expected at least 1$"
    ):
        workflow.run({**ORDER, "amount": 0})
    with pytest.raises(ValueError, match=r"the trigger `placed` .*: the input does not have its type: \$\.amount: "):
        workflow.run({"source": "shop", "detail-type": "x", "detail": {**ORDER, "amount": 0}}, trigger="placed")


def test_what_the_workflow_checks_itself_fails_as_in_aws(tmp_path: Path) -> None:
    workflow = project(tmp_path, "true")
    workflow.run({**ORDER, "amount": 0}).failed("ContractViolation", "$.amount: expected at least 1")
    workflow.run(ORDER, mocks={**MOCKS, "asked": {"approved": "no"}}).failed(
        "ContractViolation", "$.approved: expected"
    )
    workflow.run(ORDER, mocks={**MOCKS, "child": {"Output": {"approved": "no"}}}).failed(
        "ContractViolation", "$.approved: expected"
    )


def test_checks_need_no_test(tmp_path: Path) -> None:
    """What the compiler adds to reject values of other types is not a part of the coverage."""
    text = """flowgen: 1
name: m
input: {fields: {kind: [a, b]}}
output: any
validate: true
steps:
  - id: chosen
    match: $input.kind
    cases: {a: [{id: x, set: 1}], b: [{id: y, set: 2}]}
"""
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "m.yaml").write_text(text)
    build = check_paths(("workflows/m.yaml",), tmp_path).loaded[0]

    parts = [(part.kind, part.text) for part in parts_of(build.definition, build.workflow)]

    assert parts == [
        ("state", "`chosen`"),
        ("state", "`x`"),
        ("state", "`y`"),
        ("branch", "`chosen`: case a"),
        ("branch", "`chosen`: case b"),
    ]
