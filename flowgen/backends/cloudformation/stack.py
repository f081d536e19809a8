"""The template: every workflow's machine, functions, activities, roles and log groups, and the user's own resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flowgen.backends.cloudformation import permissions
from flowgen.backends.cloudformation.definition import place
from flowgen.backends.cloudformation.grants import derive, policies_of
from flowgen.backends.cloudformation.intrinsics import arn_of, literal, ref, sub
from flowgen.backends.cloudformation.sizing import settings
from flowgen.backends.cloudformation.surroundings import Surroundings, own_name, parameters, surroundings
from flowgen.backends.cloudformation.units import Unit
from flowgen.model import Function

CODE_BUCKET = "CodeBucket"
CODE_KEY = "CodeKey"
CODE_PARAMETERS = {
    CODE_BUCKET: "The S3 bucket that holds the functions' code, in the region of the stack.",
    CODE_KEY: "The key in that bucket of the zip file with the functions' code.",
}
RETENTION = 30
"""How long logs are kept, in days."""

TEMPLATE_DESCRIPTION = 1024
"""Bytes of UTF-8 (CloudFormation user guide, "Understand CloudFormation quotas")."""
FUNCTION_DESCRIPTION = 256
"""Characters, which are Java's: units of UTF-16 (Lambda API reference, `CreateFunction`)."""

Entry = tuple[str, dict[str, Any]]


def stack(units: Sequence[Unit]) -> dict[str, Any]:
    """The template of some workflows as JSON data. `findings` told nothing of them.

    Raises ValueError for what `findings` tells as FG501: two resources of one logical id.
    """
    from flowgen.backends.cloudformation import resources

    around = surroundings(units)
    template: dict[str, Any] = {"AWSTemplateFormatVersion": "2010-09-09", "Description": _description(units)}
    asked = {**(CODE_PARAMETERS if any(True for unit in units for _ in unit.deployed()) else {})}
    asked |= parameters(units, around)
    own = {name: declared.content for unit in units for name, declared in unit.workflow.parameters.items()}
    if asked or own:
        generated = {name: resources.text_parameter(description=text) for name, text in asked.items()}
        template["Parameters"] = {**generated, **own}
    template["Resources"] = _distinct(
        (*(entry for unit in units for entry in _unit(unit, around)), *_own_resources(units))
    )
    template["Outputs"] = {name: one for unit in units for name, one in _outputs(unit)}
    return template


def _own_resources(units: Sequence[Unit]) -> Iterator[Entry]:
    """The users' resources as they wrote them; one that several workflows have alike is one."""
    seen: dict[str, Any] = {}
    for unit in units:
        for name, declared in unit.workflow.resources.items():
            if seen.get(name) != declared.content:
                seen[name] = declared.content
                yield name, declared.content


def _outputs(unit: Unit) -> Iterator[Entry]:
    from flowgen.backends.cloudformation import resources

    machine = unit.machine.machine
    yield (
        f"{machine}Arn",
        resources.output(
            description=f"The ARN of the state machine of {unit.workflow.name}.",
            value=arn_of(machine),
            export=sub(f"${{AWS::StackName}}-{machine}Arn"),
        ),
    )
    for name, _ in unit.activities():
        activity = unit.activity(name)
        yield (
            f"{activity}Arn",
            resources.output(
                description=f"The ARN of the activity {name} of {unit.workflow.name}, whose work a worker asks for.",
                value=ref(activity),
                export=sub(f"${{AWS::StackName}}-{activity}Arn"),
            ),
        )


def _distinct(entries: Iterable[Entry]) -> dict[str, Any]:
    declared: dict[str, Any] = {}
    for logical_id, declaration in entries:
        if logical_id in declared:
            raise ValueError(logical_id)
        declared[logical_id] = declaration
    return declared


def _unit(unit: Unit, around: Surroundings) -> Iterator[Entry]:
    from flowgen.backends.cloudformation import resources

    yield from _machine(unit, around)
    for name, function in unit.deployed():
        yield from _function(unit, name, function)
    for name, _ in unit.activities():
        yield unit.activity(name), resources.activity(name=sub(f"${{AWS::StackName}}-{activity_name(unit, name)}"))


def activity_name(unit: Unit, name: str) -> str:
    """The end of an activity's name, behind the stack's."""
    return f"{unit.workflow.name}-{name}"


def _machine(unit: Unit, around: Surroundings) -> Iterator[Entry]:
    from flowgen.backends.cloudformation import resources

    ids, workflow, placed = unit.machine, unit.workflow, place(unit, around)
    grants, _ = derive(unit, around)
    arns = {name: arn for name in placed.invoked if (arn := workflow.functions[name].arn) is not None}
    ours = [unit.function(name).function for name in placed.invoked if name not in arns]
    yield (
        ids.machine,
        resources.state_machine(
            kind=workflow.type.upper(),
            name=sub(own_name(workflow.name)) if workflow.name in around.recursive else None,
            definition=placed.definition,
            substitutions=placed.substitutions,
            role=arn_of(ids.role),
            log_group=arn_of(ids.log_group),
        ),
    )
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


def _function(unit: Unit, name: str, function: Function) -> Iterator[Entry]:
    from flowgen.backends.cloudformation import resources

    ids, sizing = unit.function(name), settings(unit.workflow, function)
    yield (
        ids.function,
        resources.function(
            description=literal(_prose(function.description or "", 2 * FUNCTION_DESCRIPTION, "utf-16-le")),
            handler=unit.handlers[name],
            runtime=sizing.runtime,
            architecture=sizing.architecture,
            memory=sizing.memory,
            timeout=sizing.timeout,
            environment={name: literal(text) for name, text in sizing.environment.items()},
            bucket=ref(CODE_BUCKET),
            key=ref(CODE_KEY),
            role=arn_of(ids.role),
            log_group=ref(ids.log_group),
        ),
    )
    yield (
        ids.role,
        resources.role(
            trust=permissions.function_trust(),
            policies={ids.function: permissions.function_document(ids.log_group)},
        ),
    )
    group = f"/aws/lambda/${{AWS::StackName}}/{unit.workflow.name}/{name}"
    yield ids.log_group, resources.log_group(name=sub(group), retention=RETENTION)


def _description(units: Sequence[Unit]) -> str:
    own = (units[0].workflow.description or "").strip() if len(units) == 1 else ""
    text = own or f"Step Functions: {', '.join(unit.workflow.name for unit in units)}."
    return _prose(text.replace("${", "$ {"), TEMPLATE_DESCRIPTION, "utf-8")


def _prose(text: str, limit: int, encoding: str) -> str:
    """A description, cut to `limit` bytes: the whole one stands in the definition's comment and in the generated code.

    CloudFormation would look up what `{{resolve:…}}` names, and a description means no such thing.
    """
    text = text.strip().replace("{{resolve:", "{ {resolve:")
    if len(text.encode(encoding)) <= limit:
        return text
    rest = limit - len("…".encode(encoding))
    return text.encode(encoding)[:rest].decode(encoding, "ignore").rstrip() + "…"
