"""Overrides: which resources they mean, what becomes of these, and what CloudFormation would reject."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from flowgen.backends.cloudformation import (
    WorkflowStack,
    build_template,
    bundle,
    explanation,
    findings,
    to_json,
    unknown_references,
)
from flowgen.backends.cloudformation.template.override_targets import paths
from flowgen.diagnostics import Diagnostic
from tests.cfn_lint import lint
from tests.unit.backends.cloudformation.support import small_unit, unit, unit_with
from tests.unit.backends.cloudformation.workflows import EXAMPLES

FUNCTIONS = "send_email: {}, charge: {}"
CONDITIONS = "conditions: {IsProd: !Equals [!Ref 'AWS::Region', eu-west-1]}\n"


def made(overrides: str, more: str = "", name: str = "small") -> WorkflowStack:
    """A workflow that calls nothing, with `overrides` as the content of a flow mapping."""
    text = f"flowgen: 1\nname: {name}\nfunctions: {{{FUNCTIONS}}}\n{more}overrides: {{{overrides}}}\nsteps: []\n"
    return unit_with(text, small_unit().definition)


def overridden(overrides: str, more: str = "") -> dict[str, Any]:
    """The resources with overrides, which have no problem."""
    stack = made(overrides, more)
    assert findings([stack]) == []
    declared: dict[str, Any] = build_template([stack])["Resources"]
    return declared


def found(overrides: str, more: str = "") -> list[tuple[str, str, str | None]]:
    return [(one.code, one.message, one.help) for one in findings([made(overrides, more)])]


def under(overrides: str, diagnostic: Diagnostic) -> str:
    """The text that a diagnostic underlines."""
    assert diagnostic.span is not None
    line = f"overrides: {{{overrides}}}"
    return line[diagnostic.span.start.column - 1 : diagnostic.span.end.column - 1]


@pytest.mark.parametrize(
    ("path", "logical_id"),
    [
        ("machine", "SmallStateMachine"),
        ("SmallStateMachine", "SmallStateMachine"),
        ("machine.role", "SmallStateMachineRole"),
        ("machine.log_group", "SmallStateMachineLogGroup"),
        ("machine.alias", "SmallStateMachineAlias"),
        ("functions.charge", "SmallChargeFunction"),
        ("functions.charge.role", "SmallChargeRole"),
        ("functions.charge.log_group", "SmallChargeLogGroup"),
        ("alarms.failed", "SmallStateMachineFailedAlarm"),
    ],
)
def test_a_path_means_one_resource(path: str, logical_id: str) -> None:
    plain = build_template([made("")])["Resources"]
    declared = overridden(f"{path}: {{Metadata: {{owner: me}}}}")
    assert declared.pop(logical_id) == {**plain.pop(logical_id), "Metadata": {"owner": "me"}}
    assert declared == plain


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_generated_resource_has_a_path(example: str) -> None:
    """Exactly one, and each path means a resource."""
    stacks = [unit(text) for text in EXAMPLES[example].workflows]
    declared = build_template(stacks)["Resources"]
    own = {name for stack in stacks for name in stack.workflow.resources}
    patterns = [pattern for stack in stacks for pattern in paths(stack).values()]
    matching = {name: [one for one in patterns if re.fullmatch(one, name)] for name in declared if name not in own}
    assert {name: len(several) for name, several in matching.items()} == dict.fromkeys(matching, 1)
    assert {one for several in matching.values() for one in several} == {*patterns}


def test_paths_can_be_nested_mappings() -> None:
    dotted = overridden("functions.charge.role: {MaxSessionDuration: 7200}, functions.charge: {MemorySize: 512}")
    nested = overridden("functions: {charge: {MemorySize: 512, role: {MaxSessionDuration: 7200}}}")
    assert nested == dotted
    assert nested["SmallChargeRole"]["Properties"]["MaxSessionDuration"] == 7200
    assert nested["SmallChargeFunction"]["Properties"]["MemorySize"] == 512


def test_a_star_means_every_name_and_a_name_wins() -> None:
    declared = overridden("'functions.*': {MemorySize: 512}, functions.charge: {MemorySize: 1024}")
    memory = {name: one["Properties"].get("MemorySize") for name, one in declared.items() if name.endswith("Function")}
    assert memory == {"SmallSendEmailFunction": 512, "SmallChargeFunction": 1024}


def test_a_part_of_a_property_leaves_the_rest() -> None:
    plain = overridden("")["SmallChargeFunction"]["Properties"]["LoggingConfig"]
    declared = overridden("functions.charge: {LoggingConfig.SystemLogLevel: WARN}")
    expected = {**plain, "SystemLogLevel": "WARN"}
    assert declared["SmallChargeFunction"]["Properties"]["LoggingConfig"] == expected


def test_an_item_of_a_list() -> None:
    declared = overridden("alarms.failed: {Dimensions.1: {Name: Stage, Value: prod}, Dimensions.0.Value: x}")
    assert declared["SmallStateMachineFailedAlarm"]["Properties"]["Dimensions"] == [
        {"Name": "StateMachineArn", "Value": "x"},
        {"Name": "Stage", "Value": "prod"},
    ]


def test_null_removes() -> None:
    declared = overridden("alarms.failed: {TreatMissingData: null}, machine.version: {DeletionPolicy: null}")
    assert "TreatMissingData" not in declared["SmallStateMachineFailedAlarm"]["Properties"]
    assert "DeletionPolicy" not in declared["SmallStateMachineVersion"]


def test_attributes() -> None:
    """A deletion policy is also for replacements, unless there is one for these."""
    declared = overridden(
        "machine: {DeletionPolicy: Retain}, machine.role: {DeletionPolicy: RetainExceptOnCreate, DependsOn: Key},"
        " functions.charge: {DeletionPolicy: Retain, UpdateReplacePolicy: Delete, Metadata: {a: 1}}",
        "resources: {Key: {Type: AWS::KMS::Key}}\n",
    )
    names = ("SmallStateMachine", "SmallStateMachineRole", "SmallChargeFunction")
    attributes = [
        {key: value for key, value in declared[name].items() if key not in ("Type", "Properties")} for name in names
    ]
    assert attributes == [
        {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"},
        {"DeletionPolicy": "RetainExceptOnCreate", "DependsOn": "Key", "UpdateReplacePolicy": "Retain"},
        {"DeletionPolicy": "Retain", "Metadata": {"a": 1}, "UpdateReplacePolicy": "Delete"},
    ]


def test_a_new_setting_makes_a_new_version() -> None:
    """As without overrides, a function's version changes with the function."""

    def version(overrides: str) -> str:
        [name] = [name for name in overridden(overrides) if name.startswith("SmallChargeFunctionVersion")]
        return name

    versions = [
        version(""),
        version("functions.charge: {MemorySize: 512}"),
        version("functions.charge: {MemorySize: 513}"),
    ]
    assert len({*versions}) == 3
    assert version("functions.charge: {ReservedConcurrentExecutions: 1}") == versions[0]
    assert version("functions.send_email: {MemorySize: 512}") == versions[0]


def test_a_resource_of_the_user() -> None:
    declared = overridden("Key: {EnableKeyRotation: true}", "resources: {Key: {Type: AWS::KMS::Key}}\n")
    assert declared["Key"] == {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": True}}


def test_outputs_have_the_condition_of_their_resource() -> None:
    stack = made("alarms.failed: {Condition: IsProd}, machine.alias: {Condition: IsProd}", CONDITIONS)
    assert findings([stack]) == []
    template = build_template([stack])
    assert {name: one.get("Condition") for name, one in template["Outputs"].items()} == {
        "SmallStateMachineArn": None,
        "SmallStateMachineAliasArn": "IsProd",
    }
    assert lint(to_json(template)) == []


def test_nested_stacks() -> None:
    """Overrides are in the templates of the workflows, with their references and conditions."""
    stack = made(
        "machine.alias: {Condition: IsProd}, functions.charge: {DeadLetterConfig: {TargetArn: !GetAtt Failed.Arn}}",
        f"{CONDITIONS}resources: {{Failed: {{Type: AWS::SQS::Queue}}}}\n",
    )
    bundled = bundle([stack, small_unit("other")], nested=True)
    [child] = [json.loads(text) for name, text in bundled.assets.items() if name.startswith("small-")]
    assert child["Resources"]["SmallStateMachineAlias"]["Condition"] == "IsProd"
    assert [*child["Conditions"]] == ["IsProd"]
    assert child["Outputs"]["SmallStateMachineAliasArn"]["Condition"] == "IsProd"
    target = child["Resources"]["SmallChargeFunction"]["Properties"]["DeadLetterConfig"]["TargetArn"]
    assert bundled.template["Resources"]["SmallStack"]["Properties"]["Parameters"][target["Ref"]] == {
        "Fn::GetAtt": ["Failed", "Arn"]
    }
    assert bundled.template["Outputs"]["SmallStateMachineAliasArn"]["Condition"] == "IsProd"
    assert [*bundled.template["Conditions"]] == ["IsProd"]


@pytest.mark.parametrize(
    ("overrides", "code", "message", "help_", "text"),
    [
        (
            "functions.chrge: {MemorySize: 512}",
            "FG550",
            "the stack has no resource `functions.chrge`",
            "did you mean `functions.charge`?",
            "functions.chrge",
        ),
        (
            "SmallChargeFunctio: {MemorySize: 512}",
            "FG550",
            "the stack has no resource `SmallChargeFunctio`",
            "did you mean `SmallChargeFunction`?",
            "SmallChargeFunctio",
        ),
        (
            "queues.x: {A: 1}",
            "FG550",
            "the stack has no resource `queues.x`",
            "`flowgen template --explain` lists the resources",
            "queues.x",
        ),
        (
            "machine.key: {EnableKeyRotation: true}",
            "FG550",
            "the stack has no resource `machine.key`",
            "did you mean `machine.role`?",
            "machine.key",
        ),
        (
            "machine.role: {PermissionBoundary: x}",
            "FG551",
            "`AWS::IAM::Role` has no property `PermissionBoundary`",
            "did you mean `PermissionsBoundary`?",
            "PermissionBoundary",
        ),
        (
            "machine.role: {DeletionPolice: Retain}",
            "FG551",
            "`AWS::IAM::Role` has no property `DeletionPolice`",
            "did you mean `DeletionPolicy`?",
            "DeletionPolice",
        ),
        (
            "functions.charge: {LoggingConfig: {LogFormt: JSON}}",
            "FG551",
            "`LoggingConfig` has no property `LogFormt`",
            "did you mean `LogFormat`?",
            "LogFormt",
        ),
        (
            "functions.charge: {LoggingConfig.LogFormt: JSON}",
            "FG551",
            "`LoggingConfig` has no property `LogFormt`",
            "did you mean `LogFormat`?",
            "LoggingConfig.LogFormt",
        ),
        (
            "functions.charge: {MemorySize: lots}",
            "FG552",
            "`MemorySize` must be a whole number, not `lots`",
            None,
            "lots",
        ),
        (
            "functions.charge: {Environment.Variables.A-B: x}",
            "FG552",
            "the name `A-B` in `Environment.Variables` must match `[a-zA-Z][a-zA-Z0-9_]+`",
            None,
            "x",
        ),
        (
            "functions.charge: {Tags: [{Key: a, Value: b}, {Value: c}]}",
            "FG552",
            "`Tags.1` needs the property `Key`",
            None,
            "{Value: c}",
        ),
        (
            "machine.role: {PermissionsBoundary: developer-boundary-policy}",
            "FG552",
            "`PermissionsBoundary` must be an ARN, not `developer-boundary-policy`",
            None,
            "developer-boundary-policy",
        ),
        (
            "functions.charge: {Role: null}",
            "FG552",
            "`AWS::Lambda::Function` needs the property `Role`",
            None,
            "Role",
        ),
        (
            "machine: {DeletionPolicy: Keep}",
            "FG552",
            "`DeletionPolicy` must be one of `Delete`, `Retain` and `RetainExceptOnCreate`",
            None,
            "Keep",
        ),
        (
            "machine: {UpdateReplacePolicy: Snapshot}",
            "FG552",
            "`UpdateReplacePolicy` must be one of `Delete` and `Retain`",
            None,
            "Snapshot",
        ),
        ("machine: {Metadata: x}", "FG552", "`Metadata` must be a mapping", None, "x"),
        (
            "machine: {StateMachineType: EXPRESS}",
            "FG554",
            "`StateMachineType` of `AWS::StepFunctions::StateMachine` cannot be overridden",
            "set `type` of the workflow",
            "StateMachineType",
        ),
        (
            "functions.charge: {Runtime: python3.12}",
            "FG554",
            "`Runtime` of `AWS::Lambda::Function` cannot be overridden",
            "set `runtime` of the function, which also selects its packages",
            "Runtime",
        ),
        (
            "functions.charge: {MemorySize: 512}, SmallChargeFunction: {MemorySize: 513}",
            "FG553",
            "`MemorySize` of `SmallChargeFunction` has different values in two overrides",
            "remove one of them",
            "MemorySize",
        ),
        (
            "functions.charge: {TracingConfig: {Mode: Active}}, SmallChargeFunction: {TracingConfig.Mode: PassThrough}",
            "FG553",
            "`TracingConfig.Mode` of `SmallChargeFunction` has different values in two overrides",
            "remove one of them",
            "TracingConfig.Mode",
        ),
    ],
)
def test_what_cloudformation_would_reject(
    overrides: str, code: str, message: str, help_: str | None, text: str
) -> None:
    """At its line, by `check` too, which does not build a template."""
    [diagnostic] = findings([made(overrides)])
    assert (diagnostic.code, diagnostic.message, diagnostic.help) == (code, message, help_)
    assert under(overrides, diagnostic) == text
    assert unknown_references([made(overrides)]) == [diagnostic]


def test_what_an_override_refers_to_must_exist() -> None:
    overrides = (
        "machine: {DependsOn: [Nothing], Condition: IsProdd}, alarms.failed: {AlarmActions: [!Ref Topik]},"
        " functions.charge: {KmsKeyArn: {'Fn::GetAtt': [Kee, Arn]}}"
    )
    messages = [message for code, message, _ in found(overrides, CONDITIONS) if code == "FG503"]
    assert messages == [
        "the stack has no parameter or resource `Nothing`",
        "the stack has no condition `IsProdd`",
        "the stack has no parameter or resource `Topik`",
        "the stack has no parameter or resource `Kee`",
    ]


def test_the_same_value_twice_is_no_conflict() -> None:
    assert found("functions.charge: {MemorySize: 512}, SmallChargeFunction: {MemorySize: 512}") == []


def test_a_resource_that_others_need_has_no_condition_of_its_own() -> None:
    [(code, message, _)] = found("functions.charge.role: {Condition: IsProd}", CONDITIONS)
    assert (code, message) == (
        "FG554",
        "`SmallChargeRole` cannot have the condition `IsProd`: other resources need it",
    )


def test_a_cycle_through_an_override() -> None:
    codes = {code for code, _, _ in found("functions.charge: {Environment.Variables.NEXT: !Ref SmallStateMachine}")}
    assert codes <= {"FG526"}


def test_two_workflows_with_one_resource() -> None:
    """They may agree on the value; a value is claimed once."""
    key = "resources: {Shared: {Type: AWS::KMS::Key}}\n"
    one = made("Shared: {EnableKeyRotation: true}", key, "one")
    same = made("Shared: {EnableKeyRotation: true}", f"description: Another.\n{key}", "two")
    other = made("Shared: {EnableKeyRotation: false}", f"description: Another.\n{key}", "two")

    assert findings([one, same]) == []
    [conflict] = findings([one, other])
    assert conflict.code == "FG553"
    assert conflict.message == "`EnableKeyRotation` of `Shared` has different values in two overrides"


def test_explanation_lists_resources_and_overrides() -> None:
    text = explanation([made("machine: {DeletionPolicy: Retain}", "resources: {Key: {Type: AWS::KMS::Key}}\n")])
    lines = text.splitlines()
    assert lines[0] == "workflow small"
    assert lines[1].split() == ["machine", "SmallStateMachine", "AWS::StepFunctions::StateMachine"]
    assert lines[2] == "    DeletionPolicy is overridden in workflow.yaml:5"
    assert lines[-2:] == ["other resources", "  -  Key  AWS::KMS::Key"]


def test_cfn_lint_finds_nothing() -> None:
    stack = made(
        "'functions.*': {log_group: {DeletionPolicy: Retain, LogGroupClass: INFREQUENT_ACCESS}},"
        " machine.role: {MaxSessionDuration: 7200,"
        " PermissionsBoundary: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/b'},"
        " functions.charge: {LoggingConfig.SystemLogLevel: WARN, Metadata: {owner: payments}},"
        " alarms.failed: {AlarmName: charge-failed, Condition: IsProd}",
        CONDITIONS,
    )
    assert findings([stack]) == []
    assert lint(to_json(build_template([stack]))) == []
