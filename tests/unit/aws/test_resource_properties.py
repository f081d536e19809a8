"""The schemas of resources: what CloudFormation would reject in a property, and nothing that it accepts."""

from __future__ import annotations

import json

import pytest

from flowgen.aws import resource_properties
from flowgen.aws.resource_properties import problems, properties_of, required_of
from flowgen.pipeline import check_paths, template
from tests.tools import ROOT

FUNCTION, ROLE, ALARM = "AWS::Lambda::Function", "AWS::IAM::Role", "AWS::CloudWatch::Alarm"


@pytest.mark.parametrize(
    ("resource_type", "name", "value", "expected"),
    [
        (FUNCTION, "MemorySize", 512, []),
        (FUNCTION, "MemorySize", "512", []),
        (FUNCTION, "MemorySize", {"Ref": "Memory"}, []),
        (FUNCTION, "MemorySize", 1.5, ["`MemorySize` must be a whole number, not `1.5`"]),
        (FUNCTION, "MemorySize", True, ["`MemorySize` must be a whole number, not `True`"]),
        (FUNCTION, "MemorySize", [512], ["`MemorySize` must be a whole number, not a list"]),
        (FUNCTION, "MemorySize", 1, ["`MemorySize` must be at least 128"]),
        (FUNCTION, "Memory", 1, ["`AWS::Lambda::Function` has no property `Memory`"]),
        (FUNCTION, "Arn", "a", ["`AWS::Lambda::Function` has no property `Arn`"]),
        (FUNCTION, "PackageType", "Tar", ["`PackageType` must be `Image` or `Zip`, not `Tar`"]),
        (FUNCTION, "LoggingConfig", {"Format": "JSON"}, ["`LoggingConfig` has no property `Format`"]),
        (FUNCTION, "LoggingConfig", "JSON", ["`LoggingConfig` must be a mapping, not `JSON`"]),
        (FUNCTION, "Layers", ["arn:aws:lambda:eu-west-1:123456789012:layer:a:1"], []),
        (FUNCTION, "Description", "x" * 257, ["`Description` must have at most 256 characters"]),
        (ROLE, "PermissionsBoundary", "a" * 20, [f"`PermissionsBoundary` must be an ARN, not `{'a' * 20}`"]),
        (ROLE, "PermissionsBoundary", {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/x"}, []),
        (ROLE, "Policies", [{"PolicyName": "a"}], ["`Policies.0` needs the property `PolicyDocument`"]),
        (ALARM, "AlarmActions", ["topic"], ["`AlarmActions.0` must be an ARN, not `topic`"]),
        (ALARM, "AlarmActions", None, ["`AlarmActions` must be a list, not null"]),
        ("AWS::DynamoDB::Table", "TableNam", 1, ["`AWS::DynamoDB::Table` has no property `TableNam`"]),
        ("AWS::DynamoDB::Table", "TableName", 1, []),
        ("Custom::Thing", "Anything", 1, []),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_property(resource_type: str, name: str, value: object, expected: list[str]) -> None:
    assert [problem.message for problem in problems(resource_type, name, value)] == expected


def test_an_unknown_name_comes_with_the_known_ones() -> None:
    [problem] = problems(FUNCTION, "TracingConfig", {"Modus": "Active"})
    assert (problem.path, problem.known) == (("TracingConfig", "Modus"), ("Mode",))


def test_read_only_properties_cannot_be_set() -> None:
    known = properties_of("AWS::StepFunctions::StateMachine")
    assert known is not None
    assert "RoleArn" in known
    assert "Arn" not in known
    assert "Name" not in known
    assert required_of("AWS::StepFunctions::StateMachine") == {"RoleArn"}


def test_all_generated_resources_fit() -> None:
    """Each type that flowgen generates has a whole schema, which accepts each property of all examples."""
    found, types = {}, set()
    for folder in sorted(path.parent for path in (ROOT / "examples").glob("*/workflows")):
        loaded = check_paths((), folder).loaded
        text, _ = template(loaded, "json")
        assert text is not None, folder
        own = {name for build in loaded for name in build.workflow.resources}
        for name, declared in json.loads(text)["Resources"].items():
            types |= set() if name in own else {declared["Type"]}
            for key, value in declared.get("Properties", {}).items():
                if wrong := [problem.message for problem in problems(declared["Type"], key, value)]:
                    found[folder.name, name, key] = wrong
    assert found == {}
    assert types <= set(resource_properties._GENERATED)
