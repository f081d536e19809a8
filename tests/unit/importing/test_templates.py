"""State machines are found in each kind of template, with what they use."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from flowgen.diagnostics import Sink
from flowgen.importing.found_machines import Found
from flowgen.importing.source_files import Folder
from flowgen.importing.templates import find_machines

PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
SAM: dict[str, Any] = {
    "Transform": "AWS::Serverless-2016-10-31",
    "Parameters": {"Limit": {"Type": "Number", "Default": 3}},
    "Globals": {"Function": {"Timeout": 30, "Environment": {"Variables": {"LEVEL": "info"}}}},
    "Mappings": {"Names": {"prod": {"queue": "orders"}}},
    "Resources": {
        "Machine": {
            "Type": "AWS::Serverless::StateMachine",
            "Properties": {
                "Type": "EXPRESS",
                "Definition": {
                    "StartAt": "Send",
                    "States": {
                        "Send": {"Type": "Task", "Resource": "${SendArn}", "Next": "Queue"},
                        "Queue": {
                            "Type": "Task",
                            "Resource": {"Fn::Sub": "arn:${AWS::Partition}:states:::sqs:sendMessage"},
                            "Parameters": {
                                "QueueUrl": {"Ref": "Queue"},
                                "MessageBody": {"Fn::FindInMap": ["Names", "prod", "queue"]},
                            },
                            "End": True,
                        },
                    },
                },
                "DefinitionSubstitutions": {"SendArn": {"Fn::GetAtt": "Send.Arn"}, "Limit": {"Ref": "Limit"}},
                "Policies": [
                    {"LambdaInvokePolicy": {"FunctionName": {"Ref": "Send"}}},
                    {"Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]},
                ],
                "Events": {"Daily": {"Type": "Schedule", "Properties": {"Schedule": "rate(1 day)"}}},
                "Logging": {"Level": "ALL"},
                "Tracing": {"Enabled": True},
            },
        },
        "Send": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "app.main",
                "MemorySize": 512,
                "Environment": {"Variables": {"TABLE": {"Ref": "Table"}}},
            },
        },
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {"Targets": [{"Id": "m", "Arn": {"Ref": "Machine"}}]},
        },
    },
}


def found_in(folder: Path, template: Any, name: str = "template.json") -> tuple[list[Found], Sink]:
    sink = Sink()
    text = template if isinstance(template, str) else json.dumps(template)
    return find_machines(name, text, Folder(folder, folder, PurePosixPath()), sink), sink


def codes(sink: Sink) -> list[str]:
    return [diagnostic.code for diagnostic in sink]


def test_a_state_machine_of_sam_comes_with_what_it_uses(tmp_path: Path) -> None:
    [machine], sink = found_in(tmp_path, SAM)
    assert not codes(sink)
    assert machine.name == "Machine"
    assert machine.express
    assert isinstance(machine.definition, dict)
    assert machine.definition["States"]["Queue"] == {
        "Type": "Task",
        "Resource": "arn:${AWS::Partition}:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": "${Queue}", "MessageBody": "orders"},
        "End": True,
    }
    assert machine.substitutions == {
        "AWS::Partition": {"Ref": "AWS::Partition"},
        "Queue": {"Ref": "Queue"},
        "SendArn": {"Fn::GetAtt": "Send.Arn"},
        "Limit": {"Ref": "Limit"},
    }
    function = machine.functions["SendArn"]
    assert (function.name, function.memory, function.timeout) == ("Send", 512, 30)
    assert function.environment == {"LEVEL": "info", "TABLE": {"Ref": "Table"}}
    assert list(machine.parameters) == ["Limit"]
    assert list(machine.resources) == ["Queue"]
    assert [statement["Action"] for statement in machine.statements] == ["sqs:SendMessage"]
    assert machine.policies == ({"LambdaInvokePolicy": {"FunctionName": {"Ref": "Send"}}},)
    assert list(machine.events) == ["Daily", "Rule"]
    assert machine.logging == {"Level": "ALL"}


def cloudformation(definition: Any, **properties: Any) -> dict[str, Any]:
    return {
        "Resources": {
            "M": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {"DefinitionString": definition, **properties},
            },
            "F": {"Type": "AWS::Lambda::Function", "Properties": {"MemorySize": "256"}},
            "Alias": {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "F"}}},
        }
    }


@pytest.mark.parametrize(
    ("definition", "text", "functions"),
    [
        (json.dumps(PASS), json.dumps(PASS), {}),
        ({"Fn::Sub": '{"R": "${F.Arn}", "T": "${!Token}"}'}, '{"R": "${FArn}", "T": "${Token}"}', {"FArn": "F"}),
        ({"Fn::Sub": ['{"R": "${x}"}', {"x": {"Ref": "Alias"}}]}, '{"R": "${Alias}"}', {"Alias": "F"}),
        ({"Fn::Join": ["", ['{"R": "', {"Fn::GetAtt": ["F", "Arn"]}, '"}']]}, '{"R": "${FArn}"}', {"FArn": "F"}),
        ({"Fn::ToJsonString": {"R": {"Ref": "F"}}}, '{"R": "${F}"}', {"F": "F"}),
        ({"Fn::Join": ["", ["a", {"Fn::ImportValue": "Shared-Table"}]]}, "a${SharedTable}", {}),
    ],
)
def test_each_form_of_a_definition_string(
    tmp_path: Path, definition: Any, text: str, functions: dict[str, str]
) -> None:
    [machine], sink = found_in(tmp_path, cloudformation(definition))
    assert not codes(sink)
    assert machine.definition == text
    assert {name: function.name for name, function in machine.functions.items()} == functions
    assert all(function.memory == 256 for function in machine.functions.values())


@pytest.mark.parametrize(
    "definition",
    [
        {"Fn::If": ["Prod", "{}", "{}"]},
        {"Fn::Join": ["", {"Ref": "Parts"}]},
        {"Fn::Sub": 3},
        {"Fn::Join": ["", [["a"]]]},
        ["a"],
        None,
    ],
)
def test_a_definition_that_cannot_be_resolved_is_reported_with_its_place(tmp_path: Path, definition: Any) -> None:
    found, sink = found_in(tmp_path, json.dumps(cloudformation(definition), indent="\t"))
    assert found == []
    [diagnostic] = sink
    assert diagnostic.code == "FG831"
    assert diagnostic.span is not None
    assert diagnostic.span.start.line == 6


def test_a_role_brings_its_statements(tmp_path: Path) -> None:
    template = cloudformation(json.dumps(PASS), RoleArn={"Fn::GetAtt": ["Role", "Arn"]})
    statement = {"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}
    template["Resources"] |= {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": statement}}],
                "ManagedPolicyArns": ["arn:aws:iam::aws:policy/X"],
            },
        },
        "More": {
            "Type": "AWS::IAM::Policy",
            "Properties": {"Roles": [{"Ref": "Role"}], "PolicyDocument": {"Statement": [statement]}},
        },
    }
    [machine], _ = found_in(tmp_path, template)
    assert machine.statements == (statement, statement)
    assert machine.policies == ("arn:aws:iam::aws:policy/X",)


def in_file(uri: Any) -> dict[str, Any]:
    return {"Resources": {"M": {"Type": "AWS::Serverless::StateMachine", "Properties": {"DefinitionUri": uri}}}}


def test_a_definition_in_a_file_is_read_inside_the_project_only(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("{}")
    folder = tmp_path / "project"
    (folder / "machines").mkdir(parents=True)
    (folder / "machines" / "m.asl.json").write_text(json.dumps(PASS))
    (folder / "link.json").symlink_to(tmp_path / "secret.json")
    [machine], _ = found_in(folder, in_file("machines/m.asl.json"))
    assert machine.definition == json.dumps(PASS)
    assert machine.file == "machines/m.asl.json"
    for uri, code, message in (
        ("../secret.json", "FG833", "outside the project's folder"),
        ("link.json", "FG833", "outside the project's folder"),
        ("/etc/passwd", "FG833", "not a relative path"),
        ("machines/M.asl.json", "FG833", "did you mean `m.asl.json`?"),
        ("machines", "FG833", "cannot read `machines`"),
        ("s3://bucket/key", "FG832", "not in a local file"),
        ({"Bucket": "b", "Key": "k"}, "FG832", "not in a local file"),
        (None, "FG832", "missing"),
    ):
        found, sink = found_in(folder, in_file(uri))
        [diagnostic] = sink
        assert (found, diagnostic.code) == ([], code)
        assert message in diagnostic.message


def test_nested_templates_are_read_once(tmp_path: Path) -> None:
    nested = in_file("m.json")
    nested["Resources"]["Again"] = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "nested.json"},
    }
    (tmp_path / "nested.json").write_text(json.dumps(nested))
    (tmp_path / "m.json").write_text(json.dumps(PASS))
    found, sink = found_in(tmp_path, nested, "outer.json")
    assert [machine.name for machine in found] == ["M", "M"]
    assert not codes(sink)


SERVERLESS = """
service: orders
custom: {table: orders-table}
provider: {name: aws, runtime: nodejs24.x, memorySize: 256, environment: {LEVEL: info}}
functions:
  sendMail: {handler: src/mail.send, timeout: 10}
stepFunctions:
  stateMachines:
    order:
      name: OrderMachine
      type: EXPRESS
      events: [{schedule: rate(1 day)}]
      definition:
        StartAt: Send
        States:
          Send: {Type: Task, Resource: {Fn::GetAtt: [sendMail, Arn]}, Next: Put}
          Put:
            Type: Task
            Resource: arn:aws:states:::dynamodb:putItem
            Parameters: {TableName: "${self:custom.table}", Region: "#{AWS::Region}", Stage: "${opt:stage, 'dev'}"}
            End: true
    other: {definition: "${file(other.asl.json)}"}
"""


def test_state_machines_of_the_serverless_framework(tmp_path: Path) -> None:
    (tmp_path / "other.asl.json").write_text(json.dumps(PASS))
    [order, other], sink = found_in(tmp_path, SERVERLESS, "serverless.yml")
    assert not codes(sink)
    assert (order.name, order.express, order.events) == ("OrderMachine", True, {"order1": {"schedule": "rate(1 day)"}})
    assert isinstance(order.definition, dict)
    assert order.definition["States"]["Send"]["Resource"] == "${sendMailArn}"
    assert order.definition["States"]["Put"]["Parameters"] == {
        "TableName": "orders-table",
        "Region": "${AWS::Region}",
        "Stage": "dev",
    }
    function = order.functions["sendMailArn"]
    assert (function.name, function.runtime, function.memory, function.timeout) == ("sendMail", "nodejs24.x", 256, 10)
    assert function.environment == {"LEVEL": "info"}
    assert (other.name, other.file, other.definition) == ("other", "other.asl.json", PASS)


def test_a_file_without_a_state_machine_is_reported(tmp_path: Path) -> None:
    for template in ("[]", "Resources: {}", "a: 1", "service: x"):
        found, sink = found_in(tmp_path, template, "t.yaml")
        assert (found, codes(sink)) == ([], ["FG830"])


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys: Any = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


@pytest.mark.parametrize("wrong", [None, 1, "x", [], {}, {"Ref": []}, {"Fn::Sub": {}}, [{"Fn::GetAtt": 1}]])
def test_wrong_values_anywhere_do_not_crash(tmp_path: Path, wrong: Any) -> None:
    import yaml

    for source, name in ((SAM, "t.json"), (yaml.safe_load(SERVERLESS), "serverless.json")):
        for number in range(len(list(_places(source)))):
            changed = copy.deepcopy(source)
            container, key = list(_places(changed))[number]
            container[key] = wrong
            found, sink = found_in(tmp_path, changed, name)
            assert found or codes(sink)


def test_deep_and_large_templates_end(tmp_path: Path) -> None:
    deep: Any = "x"
    for _ in range(300):
        deep = {"Fn::Join": ["", [deep]]}
    assert found_in(tmp_path, cloudformation(deep))[0] == []
    large = cloudformation(json.dumps({**PASS, "Comment": "x" * 1_100_000}))
    [machine], sink = found_in(tmp_path, large)
    assert not codes(sink)
    assert len(machine.definition) > 1_000_000
