"""IAM policies, each as narrow as AWS allows, and the roles that hold them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from flowgen.backends.cloudformation.iam.conditions import Condition, alias_condition
from flowgen.backends.cloudformation.iam.grants import Grant
from flowgen.backends.cloudformation.intrinsics import Intrinsic, arn_of, ref, sub
from flowgen.backends.cloudformation.resources import resource
from flowgen.backends.cloudformation.workflow_stack import WorkflowStack

Document: TypeAlias = dict[str, Any]
"""An IAM policy document."""

_ANY = "*"
"""The resource of actions that accept no other (service authorization reference: X-Ray, CloudWatch Logs)."""

# Step Functions developer guide, "Setting up AWS X-Ray tracing": what a state machine's role needs.
_TRACE_EXECUTIONS = (
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
)
# Step Functions developer guide, "Using CloudWatch Logs to log execution history": IAM policies.
_DELIVER_LOGS = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
# Lambda developer guide, "Visualize Lambda function invocations using AWS X-Ray": execution role permissions.
_TRACE_INVOCATIONS = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
# Lambda developer guide, "Sending Lambda function logs to CloudWatch Logs". The stack creates the log group.
_WRITE_LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")
# The service authorization reference lists no resource types for these actions, but Step Functions checks the state
# machine of the token: AWS's own `grantTaskResponse` (CDK) and `StepFunctionsCallbackPolicy` (SAM) rely on that.
_ANSWER = ("states:SendTaskSuccess", "states:SendTaskFailure", "states:SendTaskHeartbeat")
LOGS: Intrinsic = {"Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*"}
"""The encryption context of the logs that a state machine encrypts for log delivery."""
# Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC": permissions. They accept
# no resource, since the network interface does not exist yet.
_JOIN_NETWORK = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)


def machine_trust() -> Document:
    """Lets Step Functions assume the role, for this account only (developer guide, "cross-service confused deputy")."""
    condition = {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}}
    return _document({**_trust("states.amazonaws.com"), "Condition": condition})


def starter_trust(service: str, source: Intrinsic | None = None) -> Document:
    """Lets a service that starts state machines assume the role, for resources of this account that match `source`."""
    trust = _trust(service)
    if source is None:
        return _document(trust)
    condition = {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}, "ArnLike": {"aws:SourceArn": source}}
    return _document({**trust, "Condition": condition})


def starter_document(*statements: Mapping[str, Any]) -> Document:
    return _document(*(dict(statement) for statement in statements))


def start_statement(stack: WorkflowStack, *actions: str) -> dict[str, Any]:
    """The statement of a role that starts a workflow, `states:StartExecution` if no actions are given.

    Starting an alias needs permission for the state machine's own ARN (Step Functions developer guide, "Authorization
    for versions and aliases in Step Functions workflows"); a condition names the alias.
    """
    statement = allow(actions or ("states:StartExecution",), ref(stack.machine.machine))
    return {**statement, "Condition": alias_condition()} if stack.versioned else statement


def role(
    trust: Mapping[str, Any], documents: Mapping[str, Mapping[str, Any]], managed: Sequence[Intrinsic] = ()
) -> dict[str, Any]:
    """A role that `trust` lets a service assume, with inline policies by name and managed ones by ARN."""
    policies = [{"PolicyName": name, "PolicyDocument": dict(document)} for name, document in documents.items()]
    properties = {"AssumeRolePolicyDocument": dict(trust), "Policies": policies}
    return resource("AWS::IAM::Role", {"ManagedPolicyArns": list(managed) or None, **properties})


def allow(actions: Sequence[str], resource: str | Intrinsic) -> dict[str, Any]:
    """A statement about one resource."""
    return {"Effect": "Allow", "Action": list(actions) if len(actions) > 1 else actions[0], "Resource": resource}


def send(queue: Intrinsic) -> dict[str, Any]:
    return allow(("sqs:SendMessage",), queue)


def sender(service: str, queue: str, source: str | Intrinsic) -> dict[str, Any]:
    """Lets a service send to a queue of the stack on behalf of `source`, an ARN."""
    statement = {"Principal": {"Service": service}, "Action": "sqs:SendMessage", "Resource": arn_of(queue)}
    return {"Effect": "Allow", **statement, "Condition": {"ArnEquals": {"aws:SourceArn": source}}}


def queue_document(queue: str, *senders: Mapping[str, Any]) -> Document:
    """The policy of a queue of the stack: who may send, and nothing over unencrypted connections."""
    plain = {"Principal": "*", "Action": "sqs:*", "Resource": arn_of(queue)}
    deny = {
        "Sid": "DenyUnencrypted",
        "Effect": "Deny",
        **plain,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return _document(*(dict(sender) for sender in senders), deny)


def function_trust() -> Document:
    return _document(_trust("lambda.amazonaws.com"))


def answer_document(machines: Sequence[str | Intrinsic]) -> Document:
    """What a function needs to answer task tokens of these state machines.

    Step Functions encrypts answers with the role of the execution (API reference, `SendTaskFailure`), so that the
    function needs no permission for a KMS key.
    """
    return _document(_allow("AnswerTaskTokens", _ANSWER, machines))


def machine_document(
    functions: Sequence[str], arns: Sequence[str | Intrinsic], grants: Sequence[Grant], *, logged: bool, traced: bool
) -> Document:
    """What a state machine's role may do.

    `functions` are logical ids in the stack: all versions may be invoked, since running executions keep theirs. `arns`
    are those of functions outside the stack.
    """
    invokes: list[str | Intrinsic] = []
    for function in functions:
        invokes += [arn_of(function), sub(f"${{{function}.Arn}}:*")]
    invokes += arns
    statements = [_allow("InvokeFunctions", ("lambda:InvokeFunction",), invokes)] if invokes else []
    return _document(
        *statements,
        *statements_of(grants),
        *([_allow("DeliverLogs", _DELIVER_LOGS)] if logged else []),
        *([_allow("TraceExecutions", _TRACE_EXECUTIONS)] if traced else []),
    )


def grants_document(grants: Sequence[Grant]) -> Document:
    return _document(*statements_of(grants))


def policies_document(policies: Sequence[Mapping[str, Any]]) -> Document:
    """The user's statements without duplicates."""
    return _document(*{json.dumps(statement, sort_keys=True): dict(statement) for statement in policies}.values())


def statements_of(grants: Sequence[Grant]) -> list[dict[str, Any]]:
    """The fewest statements that together allow the grants, and nothing else."""
    by_resources: dict[str, list[Grant]] = {}
    for grant in grants:
        service = grant.actions[0].partition(":")[0]
        by_resources.setdefault(_key(service, grant.resources, grant.condition), []).append(grant)
    by_actions: dict[str, list[Grant]] = {}
    for same in by_resources.values():
        actions = tuple(sorted({action for grant in same for action in grant.actions}))
        made = Grant(actions, same[0].resources, same[0].condition)
        by_actions.setdefault(_key(actions, bool(made.resources), made.condition), []).append(made)
    return [_statement(same) for same in by_actions.values()]


def _statement(grants: Sequence[Grant]) -> dict[str, Any]:
    resources = {_key(resource): resource for grant in grants for resource in grant.resources}
    statement = _allow("", grants[0].actions, list(resources.values()))
    del statement["Sid"]
    condition = grants[0].condition
    return statement if condition is None else {**statement, "Condition": dict(condition)}


def _key(*what: Any) -> str:
    return json.dumps(what, sort_keys=True)


def function_document(
    log_group: str, *, traced: bool, networked: bool, decrypts: tuple[str | Intrinsic, Condition] | None
) -> Document:
    """What a function's role may do. The ARN of a log group ends in `:*`, which includes its streams.

    `networked` functions run in a VPC. `decrypts` is the key of the environment and the condition for using it.
    """
    statements = [_allow("WriteLogs", _WRITE_LOGS, [arn_of(log_group)])]
    if traced:
        statements.append(_allow("TraceInvocations", _TRACE_INVOCATIONS))
    if networked:
        statements += [_allow("JoinNetwork", _JOIN_NETWORK), _only_lambda("LeaveNetworkToLambda", _JOIN_NETWORK)]
    if decrypts is not None:
        arn, condition = decrypts
        decrypt = _allow("DecryptEnvironment", ("kms:Decrypt",), [arn])
        statements.append({**decrypt, "Condition": dict(condition)})
    return _document(*statements)


def _only_lambda(sid: str, actions: Sequence[str]) -> dict[str, Any]:
    """Denies the function's code what only Lambda itself needs (see `_JOIN_NETWORK` for the source)."""
    functions = sub("arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:*")
    denied = {**_allow(sid, actions), "Effect": "Deny"}
    return {**denied, "Condition": {"ArnLike": {"lambda:SourceFunctionArn": functions}}}


def key_policy(log_groups: Sequence[Intrinsic]) -> Document:
    """Who may use a key: the account, subject to IAM, and CloudWatch Logs for the given log groups.

    KMS developer guide, "Default key policy"; CloudWatch Logs user guide, "Encrypt log data in CloudWatch Logs using
    AWS KMS"; Step Functions developer guide, "Data at rest encryption in Step Functions" for the delivery.
    """
    account = {"AWS": sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")}
    statements = [{**_allow("LetIamDecide", ("kms:*",)), "Principal": account}]
    if log_groups:
        logs = {
            **_allow(
                "EncryptLogs",
                ("kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"),
            ),
            "Principal": {"Service": sub("logs.${AWS::Region}.amazonaws.com")},
            "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": list(log_groups)}},
        }
        delivery = {
            **_allow("DeliverLogs", ("kms:Decrypt",)),
            "Principal": {"Service": "delivery.logs.amazonaws.com"},
            "Condition": {"StringEquals": {"kms:EncryptionContext:SourceArn": LOGS}},
        }
        statements += [logs, delivery]
    return _document(*statements)


def _document(*statements: dict[str, Any]) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _trust(service: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}


def _allow(sid: str, actions: Sequence[str], resources: Sequence[str | Intrinsic] = ()) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Action": list(actions) if len(actions) > 1 else actions[0],
        "Resource": list(resources) if resources else _ANY,
    }
