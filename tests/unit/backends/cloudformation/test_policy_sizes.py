"""What IAM counts of a role's policies, and what goes into managed ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowgen.backends.cloudformation import WorkflowStack, build_template, bundle, findings, to_json, too_large
from flowgen.backends.cloudformation.iam.policy_sizes import length
from tests.cfn_lint import lint
from tests.unit.backends.cloudformation.support import CloudFormation, allows, resources, unit


def _workflow(functions: int, more: str = "", first: str = "") -> str:
    names = [f"function_with_a_name_of_some_length_{number}" for number in range(functions)]
    names = [first, *names] if first else names
    declared = "".join(f"  {name}: {{}}\n" for name in names)
    calls = "".join(f"  - id: step_{number}\n    call: {name}\n" for number, name in enumerate(names))
    return f"flowgen: 1\nname: large\n{more}functions:\n{declared}steps:\n{calls}"


def _documents(template: dict[str, Any]) -> tuple[Any, list[Any]]:
    [inline] = template["Resources"]["LargeStateMachineRole"]["Properties"]["Policies"]
    managed = resources(template, "AWS::IAM::ManagedPolicy")
    attached = template["Resources"]["LargeStateMachineRole"]["Properties"].get("ManagedPolicyArns", [])
    assert attached == [{"Ref": name} for name in managed]
    return inline["PolicyDocument"], [one["PolicyDocument"] for one in managed.values()]


def _characters(document: Any) -> int:
    """As IAM counts, where every function has the longest name in the longest region."""
    arn = "arn:aws-us-gov:lambda:ap-southeast-1:123456789012:function:" + 64 * "x"

    def name(value: Any) -> Any:
        match value:
            case {"Fn::GetAtt": [_, "Arn"]}:
                return arn
            case {"Fn::Sub": str(text)} if text.endswith(".Arn}:*"):
                return f"{arn}:*"
            case dict():
                return {key: name(item) for key, item in value.items()}
            case list():
                return [name(item) for item in value]
            case _:
                return value

    return len(json.dumps(name(document), separators=(",", ":")))


@pytest.mark.parametrize(("functions", "policies"), [(1, 0), (34, 0), (45, 1), (200, 7)])
def test_a_role_of_many_functions_is_divided(functions: int, policies: int) -> None:
    """The role may call each function, and no policy is longer than IAM allows."""
    made = unit(_workflow(functions))
    template = _template(made)
    inline, managed = _documents(template)
    there = CloudFormation(template)

    assert [found.code for found in findings([made])] == []
    assert len(managed) == policies
    assert _characters(inline) <= 10_240
    assert all(_characters(document) <= 6_144 for document in managed)
    assert [_characters(one) > 5_500 for one in managed[:-1]] == [True for _ in managed[:-1]]
    statements = [one for document in (inline, *managed) for one in there.resolve(document)["Statement"]]
    for logical_id in resources(template, "AWS::Lambda::Function"):
        for arn in (
            there.arn("AWS::Lambda::Function", logical_id),
            there.arn("AWS::Lambda::Function", logical_id) + ":7",
        ):
            assert sum(allows(one, "lambda:InvokeFunction", arn) for one in statements) == 1


@pytest.mark.parametrize("functions", [1, 34, 45, pytest.param(200, marks=pytest.mark.slow)])
def test_cfn_lint_accepts_the_policies(functions: int) -> None:
    """Apart from the number of resources (E3010), of which 200 functions have more than a stack may have."""
    template = _template(unit(_workflow(functions)))
    assert [found for found in lint(to_json(template)) if not found.startswith("E3010 ")] == []


def _template(made: WorkflowStack) -> Any:
    """A stack's template, whether or not it has more resources than CloudFormation allows."""
    return build_template([made]) if len(made.workflow.functions) > 100 else bundle([made]).template


def test_a_function_that_is_added_moves_no_other() -> None:
    """Policies that are changed at the same time allow at every moment what they allowed before."""
    before, after = (_documents(build_template([unit(_workflow(count))])) for count in (100, 101))

    assert before[0] == after[0]
    assert before[1][:-1] == after[1][: len(before[1]) - 1]
    [one], [other] = before[1][-1]["Statement"], after[1][len(before[1]) - 1]["Statement"]
    assert other["Resource"][: len(one["Resource"])] == one["Resource"]


def test_what_fits_stays_one_policy() -> None:
    """In its order."""
    inline, managed = _documents(build_template([unit(_workflow(2))]))

    assert managed == []
    assert [one["Sid"] for one in inline["Statement"]] == ["InvokeFunctions", "DeliverLogs", "TraceExecutions"]


def test_other_permissions_are_divided_too() -> None:
    """Of tables, each with its condition, if any; they stay in the role as long as functions can go."""
    more = "resources:\n" + "".join(
        f"  Table{number}: {{Type: AWS::DynamoDB::Table, Properties: {{}}}}\n" for number in range(60)
    )
    reads = "".join(
        f"  - id: read_{number}\n    aws: dynamodb:getItem\n"
        f"    with: {{TableName: !Ref Table{number}, Key: {{id: {{S: a}}}}}}\n"
        for number in range(60)
    )
    template = build_template([unit(_workflow(40, more) + reads)])
    inline, managed = _documents(template)
    there = CloudFormation(template)

    assert [one.get("Sid") for one in inline["Statement"]] == [None, "DeliverLogs", "TraceExecutions"]
    assert len(managed) == 3
    assert [[one.get("Sid") for one in document["Statement"]] for document in managed] == [
        [None, "InvokeFunctions"],
        ["InvokeFunctions"],
        ["InvokeFunctions"],
    ]
    statements = [one for document in (inline, *managed) for one in there.resolve(document)["Statement"]]
    for number in range(60):
        arn = there.arn("AWS::DynamoDB::Table", f"Table{number}")
        assert sum(allows(one, "dynamodb:GetItem", arn) for one in statements) == 1


def test_what_no_division_makes_fit_is_reported() -> None:
    """At the workflow's name."""
    made = unit(_workflow(300))
    found = [one for one in too_large([made], build_template([made]), "") if one.code == "FG505"]
    statements = [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{'x' * 5_000}{number}"}
        for number in "ab"
    ]
    own = unit(_workflow(1, f"policies: {json.dumps(statements)}\n"))
    nested = [one for one in bundle([own], nested=True).findings if one.code == "FG505"]

    assert [one.message for one in found] == [
        "the role of `large` would have 12 managed policies; IAM allows 10 unless AWS raised the account's quota"
    ]
    assert (found[0].severity, found[0].span) == ("warning", made.workflow.span_of("name"))
    assert [one.message.partition(" characters")[0] for one in nested] == [
        f"the role of `large` would have up to {_inline(own):,}"
    ]
    assert [one.code for one in bundle([own]).findings] == ["FG505"]


def _inline(made: WorkflowStack) -> int:
    role = build_template([made])["Resources"]["LargeStateMachineRole"]["Properties"]
    return sum(_characters(policy["PolicyDocument"]) for policy in role["Policies"])


@pytest.mark.parametrize(
    ("value", "characters"),
    [
        ({"Ref": "AWS::AccountId"}, 12),
        ({"Ref": "Table"}, 200),
        ({"Fn::GetAtt": ["Table", "Arn"]}, 200),
        ({"Fn::GetAtt": ["SendFunction", "Arn"]}, 123),
        ({"Fn::Sub": "${SendFunction.Arn}:*"}, 125),
        ({"Fn::Sub": "a:${AWS::Partition}:${Table}:${Table.Arn}"}, 414),
        ({"Fn::Sub": ["a:${Name}", {"Name": {"Ref": "Table"}}]}, 202),
        ({"Fn::Join": [",", ["a"]]}, 200),
        (["a", {"b": 1}], 13),
    ],
)
def test_lengths_are_those_of_the_longest_names(value: Any, characters: int) -> None:
    """White space is not counted."""
    assert length(value) == characters + (0 if isinstance(value, list) else 2)
