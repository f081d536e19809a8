"""A workflow's state machine with its role and its log group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flowgen.backends.cloudformation import permissions
from flowgen.backends.cloudformation.alarms import alarm_id, alarms_of
from flowgen.backends.cloudformation.definition import place
from flowgen.backends.cloudformation.encryption import grants as encryption_grants
from flowgen.backends.cloudformation.endpoints import alias_condition
from flowgen.backends.cloudformation.grants import derive, policies_of
from flowgen.backends.cloudformation.intrinsics import Intrinsic, arn_of, ref, sub
from flowgen.backends.cloudformation.logs import log_group
from flowgen.backends.cloudformation.policy_sizes import divided, length
from flowgen.backends.cloudformation.surroundings import Surroundings
from flowgen.backends.cloudformation.units import ALIAS, Unit
from flowgen.model import Encryption, Logging

if TYPE_CHECKING:
    from flowgen.backends.cloudformation import resources


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
    grants = [*derive(unit, around)[0], *encryption_grants(unit, around)]
    logging = workflow.logging
    arns = {name: arn for name in placed.invoked if (arn := workflow.functions[name].arn) is not None}
    called = dict.fromkeys([*(name for name in placed.invoked if name not in arns), *unit.retired()])
    ours = [unit.function(name).function for name in called]
    yield (
        ids.machine,
        resources.state_machine(
            kind=workflow.type.upper(),
            name=sub(around.own_name(workflow.name)) if workflow.name in around.recursive else None,
            definition=placed.definition,
            substitutions=placed.substitutions,
            role=arn_of(ids.role),
            log_group=None if logging is False else arn_of(ids.log_group),
            level="ALL" if logging is True or logging is False else logging.level.upper(),
            data=isinstance(logging, Logging) and logging.data,
            traced=workflow.tracing,
            key=_key(unit, around),
        ),
    )
    if unit.versioned:
        revision = {"Fn::GetAtt": [ids.machine, "StateMachineRevisionId"]}
        yield ids.version, resources.state_machine_version(machine=ref(ids.machine), revision=revision)
        yield (
            ids.alias,
            resources.state_machine_alias(
                name=ALIAS,
                version=ref(ids.version),
                preference=_preference(unit),
                # Nothing is started before its role allows what it does.
                after=[ids.own_policy] if unit.minds_itself else [],
            ),
        )
    outside = [grant for grant in grants if not grant.of_itself]
    document = permissions.machine_document(
        ours,
        tuple(dict.fromkeys(arns.values())),
        outside,
        logged=logging is not False,
        traced=workflow.tracing,
    )
    written, itself = policies_of(unit), [grant for grant in grants if grant.of_itself]
    further = {f"{ids.machine}Policies": permissions.policies_document(written)} if written else {}
    own = permissions.grants_document(itself) if itself else None
    beside = sum(map(length, [*further.values(), *([] if own is None else [own])]))
    inline, managed = divided(document, beside)
    attached = {ids.managed_policy(number): one for number, one in enumerate(managed, 1)}
    for name, one in attached.items():
        yield name, resources.managed_policy(description=f"What {workflow.name} may do, continued.", document=one)
    yield (
        ids.role,
        resources.role(
            trust=permissions.machine_trust(),
            policies={ids.machine: inline, **further},
            managed=[ref(name) for name in attached],
        ),
    )
    if own is not None:
        yield ids.own_policy, resources.policy(name=ids.own_policy, document=own, role=ref(ids.role))
    if logging is not False:
        yield ids.log_group, log_group(unit, around, unit.log_group_name())


def _key(unit: Unit, around: Surroundings) -> resources.Key | None:
    """The key of a state machine or an activity."""
    from flowgen.backends.cloudformation import resources

    arn, encryption = around.keys.get(unit.workflow.name), unit.workflow.encryption
    reuse = encryption.reuse if isinstance(encryption, Encryption) else None
    return None if arn is None else resources.Key(arn, None if reuse is None else reuse.seconds)


def _preference(unit: Unit) -> resources.Preference | None:
    """How a new version takes over, where not all at once."""
    from flowgen.backends.cloudformation import resources

    deployment = unit.workflow.deployment
    if deployment is None or not deployment.is_gradual or deployment.interval is None:
        return None
    watched = [ref(alarm_id(unit, name)) for name in alarms_of(unit)] if deployment.rollback else []
    return resources.Preference(
        deployment.type.upper(), deployment.percent or 0, deployment.interval.seconds // 60, watched
    )


def activities(unit: Unit, around: Surroundings) -> Iterator[tuple[str, dict[str, Any]]]:
    """The activities of a workflow, which workers poll."""
    from flowgen.backends.cloudformation import resources

    for name, _ in unit.activities():
        yield (
            unit.activity(name),
            resources.activity(
                name=sub(f"${{AWS::StackName}}-{activity_name(unit, name)}"),
                key=_key(unit, around),
            ),
        )


def activity_name(unit: Unit, name: str) -> str:
    """The end of an activity's name, behind the stack's."""
    return f"{unit.workflow.name}-{name}"
