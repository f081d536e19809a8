"""A workflow's state machine with its role and its log group, and the workflow's activities."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flowgen.backends.cloudformation.iam import policies
from flowgen.backends.cloudformation.iam.arn_templates import Arn, Missing
from flowgen.backends.cloudformation.iam.encryption import grants as encryption_grants
from flowgen.backends.cloudformation.iam.function_arns import function_arn
from flowgen.backends.cloudformation.iam.grants import derive
from flowgen.backends.cloudformation.iam.policy_sizes import divided, length
from flowgen.backends.cloudformation.iam.user_policies import policies_of
from flowgen.backends.cloudformation.intrinsics import arn_of, ref, sub
from flowgen.backends.cloudformation.log_groups import log_group
from flowgen.backends.cloudformation.resources import Entry, resource
from flowgen.backends.cloudformation.stack_context import StackContext
from flowgen.backends.cloudformation.static_values import Known
from flowgen.backends.cloudformation.template.alarms import alarm_id, alarms_of
from flowgen.backends.cloudformation.template.definition import Placement, place
from flowgen.backends.cloudformation.template.functions import has_alias
from flowgen.backends.cloudformation.workflow_stack import ALIAS, WorkflowStack
from flowgen.model import Encryption, Logging
from flowgen.model.stack_values import StackValue


def machine(stack: WorkflowStack, context: StackContext) -> Iterator[Entry]:
    """The state machine, its version and alias, its role and policies, its log group."""
    ids, placed = stack.machine, place(stack, context)
    yield ids.machine, _machine(stack, context, placed)
    if stack.versioned:
        revision = {"Fn::GetAtt": [ids.machine, "StateMachineRevisionId"]}
        yield (
            ids.version,
            resource(
                "AWS::StepFunctions::StateMachineVersion",
                {"StateMachineArn": ref(ids.machine), "StateMachineRevisionId": revision},
                deletion="Retain",
                replacement="Retain",
            ),
        )
        yield (
            ids.alias,
            resource(
                "AWS::StepFunctions::StateMachineAlias",
                {"Name": ALIAS, **_routing(stack)},
                # No execution may start before its role has every permission.
                depends_on=[ids.own_policy] if stack.has_own_policy else [],
            ),
        )
    yield from _role(stack, context, placed)
    if stack.workflow.logging is not False:
        yield ids.log_group, log_group(stack, context, stack.log_group_name())


def _machine(stack: WorkflowStack, context: StackContext, placed: Placement) -> dict[str, Any]:
    workflow = stack.workflow
    return resource(
        "AWS::StepFunctions::StateMachine",
        {
            "StateMachineName": sub(context.own_name(workflow.name)) if workflow.name in context.recursive else None,
            "StateMachineType": workflow.type.upper(),
            "RoleArn": arn_of(stack.machine.role),
            "LoggingConfiguration": _logging(stack),
            "TracingConfiguration": {"Enabled": workflow.tracing},
            "EncryptionConfiguration": _encryption(stack, context),
            "DefinitionSubstitutions": dict(placed.substitutions) or None,
            "Definition": placed.definition,
        },
    )


def _logging(stack: WorkflowStack) -> dict[str, Any]:
    logging = stack.workflow.logging
    if logging is False:
        return {"Level": "OFF"}
    return {
        "Level": "ALL" if logging is True else logging.level.upper(),
        "IncludeExecutionData": isinstance(logging, Logging) and logging.data,
        "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": arn_of(stack.machine.log_group)}}],
    }


def _role(stack: WorkflowStack, context: StackContext, placed: Placement) -> Iterator[Entry]:
    """The role, the managed policies for what does not fit into it, and the policy for the state machine itself."""
    ids, workflow = stack.machine, stack.workflow
    grants = [*derive(stack, context)[0], *encryption_grants(stack, context)]
    existing = {name: arn for name in placed.invoked if (arn := workflow.functions[name].arn) is not None}
    called = dict.fromkeys([*(name for name in placed.invoked if name not in existing), *stack.retired()])
    arns = [found for arn in existing.values() for found in _invoked_arns(arn, context)]
    aliased = [name for name in called if has_alias(stack, name) and not workflow.functions[name].retired]
    arns += [ref(stack.function(name).alias) for name in aliased]
    document = policies.machine_document(
        [stack.function(name).function for name in called if name not in aliased],
        list({json.dumps(arn, sort_keys=True): arn for arn in arns}.values()),
        [grant for grant in grants if not grant.of_itself],
        logged=workflow.logging is not False,
        traced=workflow.tracing,
    )
    written, itself = policies_of(stack), [grant for grant in grants if grant.of_itself]
    further = {f"{ids.machine}Policies": policies.policies_document(written)} if written else {}
    own = policies.grants_document(itself) if itself else None
    used = sum(map(length, [*further.values(), *([] if own is None else [own])]))
    inline, managed = divided(document, used)
    attached = {ids.managed_policy(number): managed_document for number, managed_document in enumerate(managed, 1)}
    for name, managed_document in attached.items():
        description = f"Permissions of {workflow.name}, continued."
        yield (
            name,
            resource("AWS::IAM::ManagedPolicy", {"Description": description, "PolicyDocument": managed_document}),
        )
    documents = {ids.machine: inline, **further}
    yield ids.role, policies.role(policies.machine_trust(), documents, [ref(name) for name in attached])
    if own is not None:
        properties = {"PolicyName": ids.own_policy, "PolicyDocument": own, "Roles": [ref(ids.role)]}
        yield ids.own_policy, resource("AWS::IAM::Policy", properties)


def _invoked_arns(named: StackValue, context: StackContext) -> list[Arn]:
    found = function_arn(Known((named,)), context.resources)
    # `flowgen check` reports references to other resources.
    return [] if isinstance(found, Missing) else found


def _encryption(stack: WorkflowStack, context: StackContext) -> dict[str, Any] | None:
    """The key of a state machine or an activity."""
    arn, encryption = context.keys.get(stack.workflow.name), stack.workflow.encryption
    if arn is None:
        return None
    reuse = encryption.reuse if isinstance(encryption, Encryption) else None
    return {
        "Type": "CUSTOMER_MANAGED_KMS_KEY",
        "KmsKeyId": arn,
        "KmsDataKeyReusePeriodSeconds": None if reuse is None else reuse.seconds,
    }


def _routing(stack: WorkflowStack) -> dict[str, Any]:
    """How the alias switches to a new version: at once, or gradually while alarms watch."""
    deployment, version = stack.workflow.deployment, ref(stack.machine.version)
    if deployment is None or not deployment.is_gradual or deployment.interval is None:
        return {"RoutingConfiguration": [{"StateMachineVersionArn": version, "Weight": 100}]}
    watched = [ref(alarm_id(stack, name)) for name in alarms_of(stack)] if deployment.rollback else []
    return {
        "DeploymentPreference": {
            "StateMachineVersionArn": version,
            "Type": deployment.type.upper(),
            "Percentage": deployment.percent or 0,
            "Interval": deployment.interval.seconds // 60,
            "Alarms": watched or None,
        }
    }


def activities(stack: WorkflowStack, context: StackContext) -> Iterator[Entry]:
    """The activities of a workflow, which workers poll."""
    for name, _ in stack.activities():
        full_name = sub(f"${{AWS::StackName}}-{activity_name(stack, name)}")
        properties = {"Name": full_name, "EncryptionConfiguration": _encryption(stack, context)}
        yield stack.activity(name), resource("AWS::StepFunctions::Activity", properties)


def activity_name(stack: WorkflowStack, name: str) -> str:
    """The part of an activity's name that follows the stack's."""
    return f"{stack.workflow.name}-{name}"
