"""A stack as it is deployed: large definitions in the bucket, and nested stacks that come to the same as one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from flowgen.aws.limits import MAX_DEFINITION_BYTES
from flowgen.backends.cloudformation import Bundle, WorkflowStack, build_template, bundle, findings, to_json, too_large
from flowgen.backends.cloudformation.cross_references import references, rewritten
from tests.cfn_lint import lint
from tests.unit.backends.cloudformation.support import (
    PLACE_ORDER,
    REMIND_USER,
    CloudFormation,
    Nested,
    resources,
    small_unit,
    unit_with,
    units,
)
from tests.unit.backends.cloudformation.test_triggers import EVERY
from tests.unit.backends.cloudformation.workflows import EXAMPLES

STACK = "AWS::CloudFormation::Stack"
SHARED = """\
resources:
  Orders: {Type: AWS::DynamoDB::Table, Properties: {TableName: !Sub "${AWS::StackName}-orders"}}
  Inbox:
    Type: AWS::SQS::Queue
    DependsOn: AskStateMachine
    Metadata: {machine: !Ref AskStateMachine, arn: !GetAtt AskStateMachine.Arn, stack: !Ref "AWS::StackName"}
parameters:
  Zones: {Type: CommaDelimitedList}
  Limit: {Type: Number, MinValue: 1}
  Secret: {Type: "AWS::SSM::Parameter::Value<String>", NoEcho: true}
  Names: {Type: "AWS::SSM::Parameter::Value<List<String>>"}
"""
ASK = f"""\
flowgen: 1
name: ask
{SHARED}functions: {{decide: {{}}, look: {{activity: true}}}}
steps:
  - id: decide
    call: decide
  - id: look
    call: look
  - id: keep
    aws: dynamodb:putItem
    with:
      TableName: !Ref Orders
      Item:
        limit: {{N: "${{ $string($parameters.Limit) }}"}}
        zone: {{S: !Select [0, !Ref Zones]}}
        name: {{S: !Select [1, !Ref Names]}}
        secret: {{S: !Sub "${{Secret}} of ${{AWS::StackName}} in ${{AWS::Region}}"}}
  - id: answer
    workflow: answer
"""
ANSWER = f"""\
flowgen: 1
name: answer
{SHARED}steps:
  - id: tell
    aws: dynamodb:getItem
    with: {{TableName: !Ref Orders, Key: {{id: {{S: a}}}}}}
"""
AGAIN = """\
flowgen: 1
name: {}
steps:
  - id: other
    workflow: {}
    detached: true
"""
PROJECTS: Mapping[str, Sequence[str]] = {
    "shared": (ASK, ANSWER),
    "articles": (REMIND_USER, PLACE_ORDER),
    "started": (EVERY, REMIND_USER),
    "each other": (AGAIN.format("ping", "pong"), AGAIN.format("pong", "ping")),
    **{name: example.workflows for name, example in EXAMPLES.items()},
}


def told(made: Bundle) -> list[tuple[str, str]]:
    return [(found.code, found.severity) for found in made.findings]


@pytest.mark.parametrize("name", PROJECTS)
def test_nested_stacks_come_to_what_one_stack_comes_to(name: str) -> None:
    """Each resource, with all that CloudFormation puts into it, is the same; the users' are in the project's stack."""
    made = units(*PROJECTS[name])
    one, nested = CloudFormation(build_template(made)), bundle(made, nested=True)
    several = Nested(nested.template, nested.assets)
    own = {logical_id for unit in made for logical_id in unit.workflow.resources}

    assert findings(made, nested=True) == findings(made)
    assert told(nested) == [("FG525", "note")]
    assert set(nested.template["Resources"]) == {*several.children, *own}
    found = dict.fromkeys(own, several)
    for child in several.children.values():
        assert not set(child.template["Resources"]) & set(found)
        found |= dict.fromkeys(child.template["Resources"], child)
    for logical_id, declared in one.template["Resources"].items():
        there = found[logical_id]
        resolved = _resolved(there, there.template["Resources"][logical_id])
        assert _same(_resolved(one, declared), resolved, made), logical_id
    assert set(found) == set(one.template["Resources"])
    assert several.resolve(nested.template["Outputs"]) == _renamed(one.resolve(one.template["Outputs"]), made)


def _resolved(place: CloudFormation, declared: Any) -> Any:
    """A resource as CloudFormation makes it, dynamic references aside."""
    return place.resolve(json.loads(json.dumps(declared).replace("{{resolve:", "{{")))


def _same(one: Any, other: Any, made: Sequence[WorkflowStack]) -> bool:
    """Alike but for what waits for what, which is between others, and names of workflows that run themselves."""
    return bool({**_renamed(one, made), "DependsOn": None} == {**other, "DependsOn": None})


def _renamed(value: Any, made: Sequence[WorkflowStack]) -> Any:
    text = json.dumps(value)
    for one in made:
        text = text.replace(f'test-stack-{one.workflow.name}"', f'test-stack_{one.workflow.name}"')
        text = text.replace(f"test-stack-{one.workflow.name}:", f"test-stack_{one.workflow.name}:")
    return json.loads(text)


@pytest.mark.parametrize("name", PROJECTS)
def test_each_template_is_one_that_cfn_lint_takes(name: str) -> None:
    """The parent and its children, of which each parameter is used and given."""
    made = bundle(units(*PROJECTS[name]), nested=True)
    warned = [line for line in lint(to_json(made.template)) if "I3011" not in line and not line.startswith("W3005")]
    assert [line for line in warned if name != "shared"] == []
    for text in made.assets.values():
        assert lint(text) == []
    children = {file.partition("-")[0]: json.loads(text) for file, text in made.assets.items()}
    for name_, child in children.items():
        stacks = resources(made.template, STACK)
        [given] = [one for one in stacks.values() if f"/{name_}-" in one["TemplateURL"]["Fn::Sub"]]
        assert set(child.get("Parameters", {})) == set(given.get("Parameters", {}))


def test_what_passes_into_a_nested_stack() -> None:
    """Lists as texts, what is hidden stays hidden, and what the Parameter Store holds is looked up once."""
    made = bundle(units(ASK, ANSWER), nested=True)
    child = next(json.loads(text) for file, text in made.assets.items() if file.startswith("ask-"))
    kinds = {name: declared for name, declared in child["Parameters"].items() if name != "CodeBucket"}
    given = made.template["Resources"]["AskStack"]["Properties"]["Parameters"]

    assert kinds["Zones"] == kinds["Names"] == {"Type": "CommaDelimitedList"}
    assert kinds["Limit"] == {"Type": "Number"}
    assert kinds["Secret"] == {"Type": "String", "NoEcho": True}
    assert given["Zones"] == {"Fn::Join": [",", {"Ref": "Zones"}]}
    assert given["ProjectStackName"] == {"Ref": "AWS::StackName"}
    assert given["OrdersArn"] == {"Fn::GetAtt": ["Orders", "Arn"]}
    inbox = made.template["Resources"]["Inbox"]
    assert inbox["DependsOn"] == ["AskStack"]
    assert inbox["Metadata"] == {
        "machine": {"Fn::GetAtt": ["AskStack", "Outputs.AskStateMachine"]},
        "arn": {"Fn::GetAtt": ["AskStack", "Outputs.AskStateMachineArn"]},
        "stack": {"Ref": "AWS::StackName"},
    }


def test_names_of_generated_resources_start_with_the_nested_stacks() -> None:
    """So that those of a project that changes to nested stacks can be made while the old ones are there."""
    made = bundle(units(ASK, ANSWER), nested=True)
    child = next(json.loads(text) for file, text in made.assets.items() if file.startswith("ask-"))

    assert child["Resources"]["AskStateMachineLogGroup"]["Properties"]["LogGroupName"] == {
        "Fn::Sub": "/aws/vendedlogs/states/${AWS::StackName}/ask"
    }
    assert child["Resources"]["AskLookActivity"]["Properties"]["Name"] == {"Fn::Sub": "${AWS::StackName}-ask-look"}
    started = bundle(units(EVERY), nested=True).assets
    [api] = [
        one["Name"]
        for text in started.values()
        for name, one in resources(json.loads(text), "AWS::ApiGatewayV2::Api").items()
        if name == "StartItPostedApi"
    ]
    assert api == {"Fn::Sub": "${AWS::StackName}-start_it-posted"}
    secret = [
        value
        for value in child["Resources"]["AskStateMachine"]["Properties"]["DefinitionSubstitutions"].values()
        if isinstance(value, dict) and "Secret" in json.dumps(value)
    ]
    # What holds a parameter is encoded around this.
    [encoded] = map(json.dumps, secret)
    assert json.dumps({"Fn::Sub": "${Secret} of ${ProjectStackName} in ${AWS::Region}"}) in encoded


def test_a_workflow_that_is_added_changes_no_others() -> None:
    """The files of the others stay the same, byte for byte."""
    before = bundle(units(REMIND_USER), nested=True)
    after = bundle(units(PLACE_ORDER, REMIND_USER), nested=True)

    assert before.assets.items() <= after.assets.items()
    assert len(after.assets) == 2
    assert before.template["Resources"].items() <= after.template["Resources"].items()


def test_files_are_named_by_their_content() -> None:
    """And their places are those that the parent names."""
    made = bundle(units(REMIND_USER), nested=True)
    [(file, text)] = made.assets.items()
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]

    assert file == f"remind_user-{digest}.template.json"
    assert made.template["Resources"]["RemindUserStack"]["Properties"]["TemplateURL"] == {
        "Fn::Sub": f"https://${{CodeBucket}}.s3.${{AWS::Region}}.${{AWS::URLSuffix}}/flowgen/{file}"
    }


def test_stacks_that_need_each_other() -> None:
    """A resource for a machine that itself names the resource: between single resources there is no circle."""
    text = """\
flowgen: 1
name: ask
resources:
  Inbox: {Type: AWS::SQS::Queue, Metadata: {machine: !GetAtt AskStateMachineRole.Arn}}
  Other: {Type: AWS::SQS::Queue}
steps:
  - id: send
    aws: sqs:sendMessage
    with: {QueueUrl: !Ref Inbox, MessageBody: x}
"""
    [_, found] = bundle(units(text), nested=True).findings

    assert (found.code, found.severity) == ("FG523", "error")
    assert "`AskStack` needs `Inbox`" in found.message
    assert "`Other`" not in found.message


def test_names_that_nested_stacks_take() -> None:
    """Collisions with them are reported before."""
    text = """\
flowgen: 1
name: ask
parameters: {ProjectStackName: {Type: String}, CodeBucket: {Type: String}}
resources: {AskStack: {Type: AWS::SQS::Queue}}
steps: []
"""
    [made] = [unit_with(text, small_unit().definition)]

    assert findings([made]) == []
    assert [found.message.rpartition(" would both be ")[2] for found in findings([made], nested=True)] == [
        "`ProjectStackName` in the stack",
        "`CodeBucket` in the stack",
        "`AskStack` in the stack",
    ]


# Large


def _large(size: int, name: str = "large", text: str = "x") -> WorkflowStack:
    """A workflow whose definition has about so many bytes, in states that call a function."""
    count = max(1, size // 1000)
    states = {
        f"s{number}": {
            "Type": "Pass",
            "QueryLanguage": "JSONata",
            "Output": {"text": text * (900 // len(text.encode()))},
            **({"End": True} if number == count - 1 else {"Next": f"s{number + 1}"}),
        }
        for number in range(count)
    }
    written = f"flowgen: 1\nname: {name}\nfunctions: {{send: {{}}}}\nsteps: []\n"
    return unit_with(written, {"QueryLanguage": "JSONata", "StartAt": "s0", "States": states})


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("text", ["x", "é"])
def test_a_definition_near_the_limit(nested: bool, text: str) -> None:  # noqa: FBT001 - a parameter of the test
    """It goes to the bucket, as the same definition; the template is small and cfn-lint takes it."""
    large = _large(1_010_000, text=text)
    assert 900_000 < len(json.dumps(large.definition, ensure_ascii=False).encode()) < MAX_DEFINITION_BYTES
    made = bundle([large, small_unit()], nested=nested)
    template = made.template
    if nested:
        template = next(
            json.loads(text) for file, text in made.assets.items() if file.startswith("large-") and "template" in file
        )
    [file] = [file for file in made.assets if file.endswith(".asl.json")]
    machine = template["Resources"]["LargeStateMachine"]["Properties"]

    assert [found for found in told(made) if found[0] != "FG525"] == [("FG524", "note")]
    assert file == f"large-{hashlib.sha256(made.assets[file].encode()).hexdigest()[:16]}.asl.json"
    assert machine["DefinitionS3Location"] == {"Bucket": {"Ref": "CodeBucket"}, "Key": f"flowgen/{file}"}
    assert "Definition" not in machine
    assert len(made.assets[file].encode()) <= MAX_DEFINITION_BYTES
    assert CloudFormation(template).definition("LargeStateMachine", made.assets) == large.definition
    assert lint(to_json(template)) == []


def test_a_file_is_ascii_where_it_can_be() -> None:
    """Whatever the encoding of the machine that reads it."""
    small, large = bundle([_large(400_000, text="é"), _large(700_000, "other")]), bundle([_large(1_010_000, text="é")])
    [(_, text)] = small.assets.items()

    assert text.isascii()
    assert "é" in next(iter(large.assets.values()))


def test_substitutions_hold_in_a_file_too() -> None:
    """What CloudFormation puts in reaches the definition from the bucket as it does from the template."""
    made = units(PLACE_ORDER)
    big = [_large(1_000_000, "other"), *made]
    template = bundle(big).template
    moved = bundle([*made, _large(950_000, "other"), _large(950_000, "third")])

    assert "Definition" in template["Resources"]["PlaceOrderStateMachine"]["Properties"]
    whole = CloudFormation(build_template(made)).definition("PlaceOrderStateMachine")
    assert CloudFormation(moved.template).definition("PlaceOrderStateMachine", moved.assets) == whole


def test_the_largest_definitions_go_first_and_no_more_than_needed() -> None:
    """Three of 450 kB: one in the bucket leaves room for two."""
    made = bundle([_large(400_000, "a"), _large(450_000, "b"), _large(300_000, "c")])

    assert [file.partition("-")[0] for file in made.assets] == ["b"]
    assert len(to_json(made.template).encode()) < 1_000_000


def test_the_bucket_is_asked_for_where_only_definitions_need_it() -> None:
    """A workflow without its own functions, too."""
    text = "flowgen: 1\nname: alone\nparameters: {Stage: {Type: String}}\nsteps: []\n"
    made = bundle([unit_with(text, _large(1_010_000).definition)])

    assert list(made.template) == ["AWSTemplateFormatVersion", "Description", "Parameters", "Resources", "Outputs"]
    assert list(made.template["Parameters"]) == ["CodeBucket", "Stage"]


def _many(functions: int, name: str = "small") -> WorkflowStack:
    return small_unit(name, ", ".join(f"f{number}: {{}}" for number in range(functions)))


def test_too_many_resources() -> None:
    """500 at most: a machine with its eight others and 123 functions of four make 501."""
    fits, over = [_many(122)], [_many(123)]
    assert [found.code for found in (*bundle(fits).findings, *too_large(fits, build_template(fits), ""))] == []
    for found in (*bundle(over).findings, *too_large(over, build_template(over), "")):
        assert found.message == "the stack would have 501 resources (CloudFormation allows 500)"
        assert found.help is not None
        assert "a separate workflow" in found.help

    [split, one] = bundle(over, nested=True).findings
    assert split.code == "FG525"
    assert one.message == "the stack of `small` would have 501 resources (CloudFormation allows 500)"


def test_nested_stacks_are_suggested_for_many_workflows() -> None:
    """Near the limit as a warning, over it as an error; with nested stacks neither is there."""
    near = [_many(50, "a"), _many(50, "b")]
    over = [*near, _many(50, "c")]

    [warning] = bundle(near).findings
    assert (warning.code, warning.severity, warning.message) == (
        "FG521",
        "warning",
        "the stack has 418 resources (CloudFormation allows 500)",
    )
    [error] = bundle(over).findings
    assert (error.code, error.severity) == ("FG520", "error")
    assert error.span == over[-1].workflow.span_of("name")
    assert error.help is not None
    assert '`stacks = "nested"`' in error.help
    assert told(bundle(over, nested=True)) == [("FG525", "note")]


def test_more_resources_than_one_deployment_makes() -> None:
    """2,500 with all nested stacks together."""
    found = bundle([_many(122, f"w{number}") for number in range(6)], nested=True).findings

    assert [one.code for one in found] == ["FG525", "FG521"]
    assert found[1].message == "the stacks have 2,982 resources in total; one deployment can change 2,500"


def test_a_hundred_workflows() -> None:
    """As many as the outputs of a project's stack are enough for, of which one is reported; cfn-lint takes the
    parent."""
    made = bundle([_many(1, f"w{number}") for number in range(100)], nested=True)
    over = bundle([_many(1, f"w{number}") for number in range(101)], nested=True)

    assert [found.code for found in made.findings] == ["FG525", "FG521"]
    assert made.findings[1].message == "the project's stack has 200 outputs (CloudFormation allows 200)"
    assert len(made.assets) == 100
    assert lint(to_json(made.template)) == []
    assert [found.code for found in over.findings if found.severity == "error"] == ["FG520"]


def test_too_large_for_a_template_alone() -> None:
    """`flowgen template` has no bucket; it suggests the command that has one."""
    one = [_large(1_010_000)]
    template = build_template(one)
    [long, large] = too_large(one, template, to_json(template))

    assert long.message.startswith("the definition of `large` would be 1,")
    assert "bytes (CloudFormation allows 1,000,000)" in large.message
    assert long.help == large.help == "use `flowgen package`, which puts large definitions into a bucket"
    assert told(bundle(one)) == [("FG524", "note")]


# References


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"Ref": "A"}, [("A", None)]),
        ({"Fn::GetAtt": ["A", "B.C"]}, [("A", "B.C")]),
        ({"Fn::GetAtt": "A.B.C"}, [("A", "B.C")]),
        ({"Fn::GetAtt": ["A", {"Ref": "B"}]}, [("B", None), ("A", None)]),
        ({"Fn::Sub": "x ${A} ${!B} ${C.Arn}"}, [("A", None), ("C", "Arn")]),
        ({"Fn::Sub": ["${A}${B}", {"A": {"Ref": "C"}}]}, [("B", None), ("C", None)]),
        ([{"k": {"Ref": "A"}}, "${B}", {"Ref": "C", "also": 1}], [("A", None)]),
    ],
)
def test_references(value: Any, found: list[tuple[str, str | None]]) -> None:
    assert list(references(value)) == found


def test_rewritten_references() -> None:
    def change(name: str, attribute: str | None) -> dict[str, Any] | None:
        changed: dict[Any, dict[str, Any]] = {("A", None): {"Ref": "Z"}, ("B", "Arn"): {"Fn::GetAtt": ["Y", "O"]}}
        return changed.get((name, attribute))

    value = {"Fn::Sub": ["${A} ${B.Arn} ${C} ${!A} ${D}", {"D": {"Ref": "A"}}]}
    assert rewritten(value, change) == {"Fn::Sub": ["${Z} ${Y.O} ${C} ${!A} ${D}", {"D": {"Ref": "Z"}}]}
    assert rewritten({"Fn::GetAtt": "B.Arn"}, change) == {"Fn::GetAtt": ["Y", "O"]}
