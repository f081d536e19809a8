"""Alarms, logs, traces, tags, deployments: what is on, what it is set to, how it is switched off."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.backends.cloudformation import WorkflowStack, build_template, findings
from tests.unit.backends.cloudformation.support import CloudFormation, resources, small_unit, unit_with

MACHINE = "arn:aws:states:eu-west-1:111111111111:stateMachine:physical-SmallStateMachine"


def made(top: str, functions: str = "send_email: {}", kind: str = "standard") -> WorkflowStack:
    """A workflow that calls nothing, with settings at its top."""
    text = f"flowgen: 1\nname: small\ntype: {kind}\nfunctions: {{{functions}}}\n{top}\nsteps: []\n"
    return unit_with(text, small_unit().definition)


def _alarms(top: str, kind: str = "standard") -> dict[str, dict[str, Any]]:
    template = build_template([made(top, kind=kind)])
    found: dict[str, dict[str, Any]] = CloudFormation(template).resolve(resources(template, "AWS::CloudWatch::Alarm"))
    return found


def test_alarms_are_on() -> None:
    """One execution in five minutes is enough; being held back is bearable for a while."""
    alarms = _alarms("")

    assert {
        alarm["MetricName"]: (alarm["Threshold"], alarm["Period"], alarm["EvaluationPeriods"])
        for alarm in alarms.values()
    } == {
        "ExecutionsFailed": (1, 300, 1),
        "ExecutionsTimedOut": (1, 300, 1),
        "ExecutionThrottled": (1, 300, 3),
        "ExecutionsAborted": (1, 300, 1),
    }
    assert alarms["SmallStateMachineFailedAlarm"] == {
        "AlarmDescription": "Executions of small failed.",
        "Namespace": "AWS/States",
        "MetricName": "ExecutionsFailed",
        "Dimensions": [{"Name": "StateMachineArn", "Value": MACHINE}],
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }


def test_an_express_workflow_has_the_alarms_that_it_can_set_off() -> None:
    """It can't be stopped, and it enters states without a limit."""
    assert list(_alarms("", "express")) == ["SmallStateMachineFailedAlarm", "SmallStateMachineTimedOutAlarm"]


def test_alarms_are_tuned_and_switched_off() -> None:
    """Omitted keys keep their defaults; `true` is the default of an alarm."""
    top = "alarms: {failed: {threshold: 5, period: 1 hour}, timed_out: {periods: 2}, throttled: true, aborted: false}"

    alarms = _alarms(top).values()

    assert [(alarm["Threshold"], alarm["Period"], alarm["EvaluationPeriods"]) for alarm in alarms] == [
        (5, 3600, 1),
        (1, 300, 2),
        (1, 300, 3),
    ]
    assert _alarms("alarms: false") == {}
    assert _alarms("alarms: true") == _alarms("")


def test_alarms_tell_topics() -> None:
    """A topic by its ARN or by a tag, one or several; a parameter may hold all of them."""
    topic = "arn:aws:sns:eu-west-1:123456789012:alerts"
    top = (
        "parameters: {Topics: {Type: CommaDelimitedList}}\nresources: {Told: {Type: 'AWS::SNS::Topic'}}\n"
        f"alarms: {{actions: [{topic}, !Ref Told], ok_actions: !Ref Topics}}"
    )

    alarms = _alarms(top)

    told = [topic, "arn:aws:sns:eu-west-1:111111111111:physical-Told"]
    assert all(alarm["AlarmActions"] == told for alarm in alarms.values())
    assert all(alarm["OKActions"] == ["given:Topics:1", "given:Topics:2"] for alarm in alarms.values())
    assert "AlarmActions" not in _alarms("")["SmallStateMachineFailedAlarm"]


@pytest.mark.parametrize(
    ("alarm", "told"),
    [
        ("{period: 5m, periods: 288}", []),
        ("{period: 5m, periods: 289}", ["FG402"]),
        ("{period: 1 hour, periods: 168}", []),
        ("{period: 1 hour, periods: 169}", ["FG402"]),
    ],
)
def test_an_alarm_looks_at_a_day_or_at_a_week(alarm: str, told: list[str]) -> None:
    """CloudWatch's limit; a week only of periods of an hour or more."""
    found = findings([made(f"alarms: {{failed: {alarm}}}")])

    assert [one.code for one in found] == told
    assert [one.span.start.line for one in found if one.span] == [5] * len(told)


def _machine(top: str) -> dict[str, Any]:
    return resources(build_template([made(top)]), "AWS::StepFunctions::StateMachine")["SmallStateMachine"]


def _statements(template: dict[str, Any], role: str) -> dict[str, dict[str, Any]]:
    policies = template["Resources"][role]["Properties"]["Policies"]
    return {one.get("Sid"): one for policy in policies for one in policy["PolicyDocument"]["Statement"]}


def test_logs_are_tuned() -> None:
    """Level and data are the machine's, the retention is that of the functions' logs too."""
    template = build_template([made("logging: {level: error, data: true, retention: 90 days}")])

    logged = resources(template, "AWS::StepFunctions::StateMachine")["SmallStateMachine"]["LoggingConfiguration"]
    assert (logged["Level"], logged["IncludeExecutionData"]) == ("ERROR", True)
    kept = [group["RetentionInDays"] for group in resources(template, "AWS::Logs::LogGroup").values()]
    assert kept == [90, 90]
    for_ever = resources(build_template([made("logging: {retention: forever}")]), "AWS::Logs::LogGroup")
    assert not any("RetentionInDays" in group for group in for_ever.values())


def test_logs_of_executions_are_switched_off() -> None:
    """No log group and no permission for them is left; functions write their logs in any case."""
    template = build_template([made("logging: false")])

    machine = resources(template, "AWS::StepFunctions::StateMachine")["SmallStateMachine"]
    assert machine["LoggingConfiguration"] == {"Level": "OFF"}
    assert list(resources(template, "AWS::Logs::LogGroup")) == ["SmallSendEmailLogGroup"]
    assert list(_statements(template, "SmallStateMachineRole")) == ["TraceExecutions"]
    assert "WriteLogs" in _statements(template, "SmallSendEmailRole")
    assert _machine("logging: true") == _machine("")


def test_traces_are_switched_off() -> None:
    """Neither the machine nor a function begins a trace, and nobody may send one."""
    template = build_template([made("tracing: false")])

    machine = resources(template, "AWS::StepFunctions::StateMachine")["SmallStateMachine"]
    assert machine["TracingConfiguration"] == {"Enabled": False}
    function = resources(template, "AWS::Lambda::Function")["SmallSendEmailFunction"]
    assert function["TracingConfig"] == {"Mode": "PassThrough"}
    assert list(_statements(template, "SmallStateMachineRole")) == ["DeliverLogs"]
    assert list(_statements(template, "SmallSendEmailRole")) == ["WriteLogs"]


_UNTAGGED = {
    "AWS::IAM::Policy",
    "AWS::Lambda::Version",
    "AWS::StepFunctions::StateMachineAlias",
    "AWS::StepFunctions::StateMachineVersion",
}
"""CloudFormation has no tags for these."""


def test_tags_are_on_all_that_can_have_some() -> None:
    """The user's own resources stay as they were written."""
    top = (
        "tags: {team: shop, stack: !Ref AWS::StackName}\nencryption: true\nresources: {Own: {Type: 'AWS::SNS::Topic'}}"
    )
    template = build_template([made(top, "send_email: {}, ask: {activity: true}")])

    tags = [{"Key": "team", "Value": "shop"}, {"Key": "stack", "Value": {"Ref": "AWS::StackName"}}]
    tagged = {
        declared["Type"]: declared["Properties"].get("Tags")
        for name, declared in template["Resources"].items()
        if name != "Own"
    }
    assert {kind for kind, found in tagged.items() if found is None} == _UNTAGGED
    assert all(found == tags for found in tagged.values() if found is not None)
    assert template["Resources"]["Own"] == {"Type": "AWS::SNS::Topic"}


def test_a_new_version_takes_over_by_and_by() -> None:
    """The workflow's alarms watch; the alias has one way of routing, not both."""
    template = build_template([made("deployment: {type: linear, percent: 20, interval: 15m}")])

    alias = template["Resources"]["SmallStateMachineAlias"]["Properties"]
    assert alias == {
        "Name": "live",
        "DeploymentPreference": {
            "StateMachineVersionArn": {"Ref": "SmallStateMachineVersion"},
            "Type": "LINEAR",
            "Percentage": 20,
            "Interval": 15,
            "Alarms": [
                {"Ref": f"SmallStateMachine{name}Alarm"} for name in ("Failed", "TimedOut", "Throttled", "Aborted")
            ],
        },
    }
    (version,) = (one for one in template["Resources"].values() if one["Type"] == "AWS::Lambda::Version")
    assert version["DeletionPolicy"] == "Retain"


@pytest.mark.parametrize("more", ["rollback: false}", "rollback: true}\nalarms: false"])
def test_nothing_watches_a_deployment(more: str) -> None:
    """Where that is said, or where there are no alarms."""
    template = build_template([made(f"deployment: {{type: canary, percent: 20, interval: 15m, {more}")])

    alias = template["Resources"]["SmallStateMachineAlias"]["Properties"]
    assert alias["DeploymentPreference"]["Type"] == "CANARY"
    assert "Alarms" not in alias["DeploymentPreference"]


def test_versions_are_switched_off() -> None:
    """The machine calls the functions themselves, and is started itself."""
    template = build_template([made("deployment: {versions: false}")])

    kinds = {declared["Type"] for declared in template["Resources"].values()}
    assert not [kind for kind in kinds if "Version" in kind or "Alias" in kind]
    assert list(template["Outputs"]) == ["SmallStateMachineArn"]


def test_a_retired_function_stays_for_executions_in_flight() -> None:
    """It is deployed, and the machine may call all its versions, as long as it is in the file."""
    template = build_template([made("", "send_letter: {retired: true}, unused: {}")])

    allowed = _statements(template, "SmallStateMachineRole")["InvokeFunctions"]["Resource"]
    assert allowed == [
        {"Fn::GetAtt": ["SmallSendLetterFunction", "Arn"]},
        {"Fn::Sub": "${SmallSendLetterFunction.Arn}:*"},
    ]
    assert "SmallSendLetterFunction" in template["Resources"]


def test_conditions_mappings_and_outputs_are_passed_through() -> None:
    """As they are written, tags in their long form."""
    top = """\
parameters: {Stage: {Type: String}}
mappings: {ByStage: {live: {Days: 90}}}
conditions: {IsLive: !Equals [!Ref Stage, live], IsOther: !Not [!Condition IsLive]}
resources: {Told: {Type: 'AWS::SNS::Topic', Condition: IsLive}}
outputs:
  Told: {Value: !Ref Told, Condition: IsLive, Export: {Name: !Sub "${AWS::StackName}-told"}}
  Days: {Value: !FindInMap [ByStage, !Ref Stage, Days]}"""
    template = build_template([made(top)])

    assert findings([made(top)]) == []
    assert template["Mappings"] == {"ByStage": {"live": {"Days": 90}}}
    assert template["Conditions"] == {
        "IsLive": {"Fn::Equals": [{"Ref": "Stage"}, "live"]},
        "IsOther": {"Fn::Not": [{"Condition": "IsLive"}]},
    }
    assert template["Outputs"]["Told"] == {
        "Value": {"Ref": "Told"},
        "Condition": "IsLive",
        "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-told"}},
    }
    assert template["Outputs"]["Days"] == {"Value": {"Fn::FindInMap": ["ByStage", {"Ref": "Stage"}, "Days"]}}


@pytest.mark.parametrize(
    ("top", "other", "told"),
    [
        ("outputs: {SmallStateMachineArn: {Value: a}}", "", ["FG501"]),
        ("outputs: {Same: {Value: a}}", "outputs: {Same: {Value: b}}", ["FG501"]),
        ("outputs: {Same: {Value: a}}", "outputs: {Same: {Value: a}}", []),
        ("conditions: {Same: !Equals [a, b]}", "conditions: {Same: !Equals [a, c]}", ["FG501"]),
        ("mappings: {Same: {a: {b: c}}}", "mappings: {Same: {a: {b: d}}}", ["FG501"]),
        ("outputs: {Same: {Value: a}}\nresources: {Same: {Type: 'AWS::SNS::Topic'}}", "", []),
        ("resources: {SmallStateMachineFailedAlarm: {Type: 'AWS::SNS::Topic'}}", "", ["FG501"]),
    ],
)
def test_names_that_collide(top: str, other: str, told: list[str]) -> None:
    """Each section has its own names; what is said alike twice is one."""
    second = unit_with(f"flowgen: 1\nname: other\n{other}\nsteps: []\n", small_unit().definition)

    assert [one.code for one in findings([made(top), second])] == told
