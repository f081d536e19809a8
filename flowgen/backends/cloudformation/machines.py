"""A workflow's state machine with its role and its log group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flowgen.backends.cloudformation import permissions
from flowgen.backends.cloudformation.definition import place
from flowgen.backends.cloudformation.endpoints import alias_condition
from flowgen.backends.cloudformation.grants import derive, policies_of
from flowgen.backends.cloudformation.intrinsics import Intrinsic, arn_of, ref, sub
from flowgen.backends.cloudformation.surroundings import Surroundings
from flowgen.backends.cloudformation.units import ALIAS, RETENTION, Unit


def start_arn(unit: Unit) -> Intrinsic:
    """What starts a workflow takes for its machine: the alias, where there are versions."""
    return ref(unit.machine.alias if unit.versioned else unit.machine.machine)


def start_statement(unit: Unit, *actions: str) -> dict[str, Any]:
    """The statement of a role that starts a workflow, `states:StartExecution` where no actions are named.

    Who starts an alias is authorised on the machine's own ARN (Step Functions developer guide, "Authorization for
    versions and aliases in Step Functions workflows"); the alias is a condition.
    """
    actions = actions or ("states:StartExecution",)
    statement = {
        "Effect": "Allow",
        "Action": list(actions) if len(actions) > 1 else actions[0],
        "Resource": ref(unit.machine.machine),
    }
    return {**statement, "Condition": alias_condition()} if unit.versioned else statement


def machine(unit: Unit, around: Surroundings) -> Iterator[tuple[str, dict[str, Any]]]:
    from flowgen.backends.cloudformation import resources

    ids, workflow, placed = unit.machine, unit.workflow, place(unit, around)
    grants, _ = derive(unit, around)
    arns = {name: arn for name in placed.invoked if (arn := workflow.functions[name].arn) is not None}
    ours = [unit.function(name).function for name in placed.invoked if name not in arns]
    yield (
        ids.machine,
        resources.state_machine(
            kind=workflow.type.upper(),
            name=sub(around.own_name(workflow.name)) if workflow.name in around.recursive else None,
            definition=placed.definition,
            substitutions=placed.substitutions,
            role=arn_of(ids.role),
            log_group=arn_of(ids.log_group),
        ),
    )
    if unit.versioned:
        revision = {"Fn::GetAtt": [ids.machine, "StateMachineRevisionId"]}
        yield ids.version, resources.state_machine_version(machine=ref(ids.machine), revision=revision)
        yield ids.alias, resources.state_machine_alias(name=ALIAS, version=ref(ids.version))
    outside = [grant for grant in grants if not grant.of_itself]
    policies = {ids.machine: permissions.machine_document(ours, tuple(dict.fromkeys(arns.values())), outside)}
    if written := policies_of(unit):
        policies[f"{ids.machine}Policies"] = permissions.policies_document(written)
    yield ids.role, resources.role(trust=permissions.machine_trust(), policies=policies)
    if itself := [grant for grant in grants if grant.of_itself]:
        document = permissions.grants_document(itself)
        yield ids.own_policy, resources.policy(name=ids.own_policy, document=document, role=ref(ids.role))
    # Under /aws/vendedlogs/, log delivery does not run into the size limit of CloudWatch Logs' resource policy.
    name = f"/aws/vendedlogs/states/${{AWS::StackName}}/{workflow.name}"
    yield ids.log_group, resources.log_group(name=sub(name), retention=RETENTION)
