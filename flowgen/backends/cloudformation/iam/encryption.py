"""The KMS key that encrypts a workflow's executions, logs and environments, and who may use it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flowgen.backends.cloudformation.iam import policies
from flowgen.backends.cloudformation.iam.grants import Grant
from flowgen.backends.cloudformation.intrinsics import Intrinsic, ref, sub
from flowgen.backends.cloudformation.resources import Entry, resource
from flowgen.backends.cloudformation.stack_context import StackContext, children
from flowgen.backends.cloudformation.workflow_stack import WorkflowStack
from flowgen.model.triggers import Http

_USE = ("kms:Decrypt", "kms:GenerateDataKey")
_CONTEXT = "kms:EncryptionContext"
_LOG_GROUP = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:"


def key(stack: WorkflowStack) -> Iterator[Entry]:
    """The stack's own key, if the workflow names none. It rotates yearly and outlives the stack, like the data."""
    if stack.creates_key:
        yield (
            stack.machine.key,
            resource(
                "AWS::KMS::Key",
                {
                    "Description": f"Encrypts executions, logs and environments of the workflow {stack.workflow.name}.",
                    "EnableKeyRotation": True,
                    "KeyPolicy": policies.key_policy([sub(f"{_LOG_GROUP}{name}") for name in _log_groups(stack)]),
                },
                deletion="Retain",
                replacement="Retain",
            ),
        )


def _log_groups(stack: WorkflowStack) -> Iterator[str]:
    """The names of the workflow's log groups, for `Fn::Sub`; `*` covers those of all functions, and of all APIs."""
    if stack.workflow.logging is not False:
        yield stack.log_group_name()
    if any(True for _ in stack.deployed()):
        yield stack.log_group_name("*")
    if any(isinstance(trigger, Http) and trigger.api is None for trigger in stack.workflow.triggers.values()):
        yield stack.api_log_group_name("*")


def grants(stack: WorkflowStack, context: StackContext) -> Iterator[Grant]:
    """What a state machine's role may do with keys: its own, and those of the workflows that it waits for.

    Step Functions developer guide, "Data at rest encryption in Step Functions": the execution role encrypts and
    decrypts, and whoever reads encrypted data must be able to decrypt it.
    """
    own = context.keys.get(stack.workflow.name)
    if own is not None:
        machine: Intrinsic = ref(stack.machine.machine)
        within = [machine, sub(f"${{{stack.machine.machine}}}/*")] if stack.distributions else machine
        operator = "StringLike" if stack.distributions else "StringEquals"
        yield Grant(_USE, (own,), {operator: {f"{_CONTEXT}:aws:states:stateMachineArn": within}}, of_itself=True)
        activities = [ref(stack.activity(name)) for name, _ in stack.activities()]
        if activities:
            named = activities if len(activities) > 1 else activities[0]
            yield Grant(_USE, (own,), {"StringEquals": {f"{_CONTEXT}:aws:states:activityArn": named}})
        if stack.workflow.logging is not False:
            condition = {"StringEquals": {f"{_CONTEXT}:SourceArn": policies.LOGS}}
            yield Grant(("kms:GenerateDataKey",), (own,), condition)
    for child in dict.fromkeys(children(stack, detached=False)):
        theirs = context.keys.get(child)
        if theirs is not None and child != stack.workflow.name:
            condition = {"StringEquals": {f"{_CONTEXT}:aws:states:stateMachineArn": context.machine_arn(child)}}
            yield Grant(("kms:Decrypt",), (theirs,), condition)


def environment_condition() -> dict[str, Any]:
    """Limits a function's role to decrypting environments of Lambda functions."""
    functions = sub("arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:*")
    return {"StringLike": {f"{_CONTEXT}:aws:lambda:FunctionArn": functions}}
