"""The roles allow what is done, and nothing is allowed that is not done."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.backends.cloudformation import WorkflowStack, build_template
from tests.unit.backends.cloudformation.support import (
    PLACE_ORDER,
    REMIND_USER,
    VERSION,
    CloudFormation,
    allows,
    small_unit,
    unit,
)

# Step Functions developer guide, "Using CloudWatch Logs to log execution history": what to allow for logging.
LOG_DELIVERY = {
    "logs:CreateLogDelivery",
    "logs:CreateLogStream",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutLogEvents",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
}
# The same, "Trace Step Functions request data in AWS X-Ray": IAM policies.
TRACING = {
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
}


def _statements(template: dict[str, Any], role: str) -> list[dict[str, Any]]:
    policies = template["Resources"][role]["Properties"]["Policies"]
    return [
        statement
        for policy in policies
        for statement in CloudFormation(template).resolve(policy["PolicyDocument"])["Statement"]
    ]


@pytest.mark.parametrize("text", [REMIND_USER, PLACE_ORDER])
def test_a_machine_may_call_its_functions_and_no_others(text: str) -> None:
    """Every call of the deployed definition is allowed, and every ARN that is allowed is called."""
    made = unit(text)
    template = build_template([made])
    machine = made.machine.machine
    calls = {
        state["Arguments"]["FunctionName"]
        for state in CloudFormation(template).definition(machine)["States"].values()
        if state["Type"] == "Task"
    }

    statements = _statements(template, f"{machine}Role")

    assert calls
    for call in calls:
        assert call.endswith(f":{VERSION}") == ("physical" in call)
        assert [s["Sid"] for s in statements if allows(s, "lambda:InvokeFunction", call)] == ["InvokeFunctions"], call
    invokes = next(statement for statement in statements if statement["Sid"] == "InvokeFunctions")
    assert {arn.removesuffix(":*") for arn in invokes["Resource"]} == {
        call.removesuffix(f":{VERSION}") for call in calls
    }
    other = f"{next(iter(calls)).removesuffix(f':{VERSION}')}-other"
    assert not any(allows(s, "lambda:InvokeFunction", other) for s in statements)


def test_all_versions_of_own_functions_may_be_called() -> None:
    """Executions in flight keep the version that they began with; an outer function is called as it is named."""
    invokes = _statements(build_template([unit(PLACE_ORDER)]), "PlaceOrderStateMachineRole")[0]

    ours = "arn:aws:lambda:eu-west-1:111111111111:function:physical-PlaceOrder"
    assert invokes["Resource"] == [
        f"{ours}ChargeCardFunction",
        f"{ours}ChargeCardFunction:*",
        f"{ours}ReviewOrderFunction",
        f"{ours}ReviewOrderFunction:*",
        "arn:aws:lambda:eu-west-1:123456789012:function:warehouse-ship:live",
        "arn:aws:lambda:eu-west-1:123456789012:function:audit",
    ]


@pytest.mark.parametrize("made", [unit(REMIND_USER), small_unit(functions="")])
def test_a_machine_may_log_and_trace_and_no_more(made: WorkflowStack) -> None:
    """Next to the calls there are AWS's two documents, which take no resource."""
    statements = _statements(build_template([made]), made.machine.role)

    others = {s["Sid"]: s for s in statements if s["Sid"] != "InvokeFunctions"}
    assert set(others) == {"DeliverLogs", "TraceExecutions"}
    # Log streams are written by the delivery service, which the log group's own policy lets in.
    assert set(others["DeliverLogs"]["Action"]) == LOG_DELIVERY - {"logs:CreateLogStream", "logs:PutLogEvents"}
    assert set(others["TraceExecutions"]["Action"]) == TRACING
    assert {s["Resource"] for s in others.values()} == {"*"}


def test_a_machine_that_calls_nothing_may_call_nothing() -> None:
    """Every statement is used."""
    statements = _statements(build_template([small_unit()]), "SmallStateMachineRole")

    assert not any(allows(s, "lambda:InvokeFunction", "arn:aws:lambda:x") for s in statements)


def test_a_function_may_write_to_its_log_group_and_trace() -> None:
    """Its own log group's streams, X-Ray's two actions, and no other log group."""
    template = build_template([unit(REMIND_USER)])

    write, trace = _statements(template, "RemindUserSendEmailRole")

    logs = "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/lambda/test-stack/remind_user/send_email"
    assert write["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert allows(write, "logs:PutLogEvents", f"{logs}:log-stream:2026/11/01/[1]abc")
    assert not allows(write, "logs:PutLogEvents", f"{logs}_other:log-stream:2026/11/01/[1]abc")
    assert trace["Action"] == ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]


def test_roles_are_taken_by_their_service_alone() -> None:
    """Step Functions takes a machine's role for this account only; Lambda takes a function's."""
    template = build_template([unit(REMIND_USER)])

    def trust(role: str) -> Any:
        document = template["Resources"][role]["Properties"]["AssumeRolePolicyDocument"]
        (statement,) = CloudFormation(template).resolve(document)["Statement"]
        return statement

    assert trust("RemindUserStateMachineRole") == {
        "Effect": "Allow",
        "Principal": {"Service": "states.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": "111111111111"}},
    }
    assert trust("RemindUserSendEmailRole") == {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
