"""The key with which a workflow's executions, logs and environments are encrypted, and who may use it for what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flowgen.backends.cloudformation import permissions
from flowgen.backends.cloudformation.grants import Grant
from flowgen.backends.cloudformation.intrinsics import Intrinsic, ref, sub
from flowgen.backends.cloudformation.surroundings import Surroundings, children
from flowgen.backends.cloudformation.units import Unit
from flowgen.model.triggers import Http

_USE = ("kms:Decrypt", "kms:GenerateDataKey")
_CONTEXT = "kms:EncryptionContext"
_LOG_GROUP = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:"


def key(unit: Unit) -> Iterator[tuple[str, dict[str, Any]]]:
    """The stack's own key, where none is given."""
    from flowgen.backends.cloudformation import resources

    if unit.makes_key:
        yield (
            unit.machine.key,
            resources.key(
                description=f"Encrypts executions, logs and environments of the workflow {unit.workflow.name}.",
                policy=permissions.key_policy([sub(f"{_LOG_GROUP}{name}") for name in _log_groups(unit)]),
            ),
        )


def _log_groups(unit: Unit) -> Iterator[str]:
    """The names of the workflow's log groups, for `Fn::Sub`; one stands for those of all functions."""
    if unit.workflow.logging is not False:
        yield unit.log_group_name()
    if any(True for _ in unit.deployed()):
        yield unit.log_group_name("*")
    if any(isinstance(trigger, Http) and trigger.api is None for trigger in unit.workflow.triggers.values()):
        yield unit.api_log_group_name("*")


def grants(unit: Unit, around: Surroundings) -> Iterator[Grant]:
    """What a machine's role must be allowed of keys, its own and those of the workflows that it waits for.

    Step Functions developer guide, "Data at rest encryption in Step Functions": the execution role encrypts and
    decrypts, and who reads what is encrypted must be able to decrypt.
    """
    own = around.keys.get(unit.workflow.name)
    if own is not None:
        machine: Intrinsic = ref(unit.machine.machine)
        within = [machine, sub(f"${{{unit.machine.machine}}}/*")] if unit.distributions else machine
        operator = "StringLike" if unit.distributions else "StringEquals"
        yield Grant(_USE, (own,), {operator: {f"{_CONTEXT}:aws:states:stateMachineArn": within}}, of_itself=True)
        activities = [ref(unit.activity(name)) for name, _ in unit.activities()]
        if activities:
            named = activities if len(activities) > 1 else activities[0]
            yield Grant(_USE, (own,), {"StringEquals": {f"{_CONTEXT}:aws:states:activityArn": named}})
        if unit.workflow.logging is not False:
            condition = {"StringEquals": {f"{_CONTEXT}:SourceArn": permissions.LOGS}}
            yield Grant(("kms:GenerateDataKey",), (own,), condition)
    for child in dict.fromkeys(children(unit, detached=False)):
        theirs = around.keys.get(child)
        if theirs is not None and child != unit.workflow.name:
            condition = {"StringEquals": {f"{_CONTEXT}:aws:states:stateMachineArn": around.machine_arn(child)}}
            yield Grant(("kms:Decrypt",), (theirs,), condition)


def environment_condition() -> dict[str, Any]:
    """A function's role decrypts environments of Lambda functions, and nothing else that the key encrypts."""
    functions = sub("arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:*")
    return {"StringLike": {f"{_CONTEXT}:aws:lambda:FunctionArn": functions}}
