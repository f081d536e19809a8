"""The template: every workflow's machine, functions, activities, roles and log groups, and the user's own resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flowgen.backends.cloudformation.alarms import alarms
from flowgen.backends.cloudformation.encryption import key
from flowgen.backends.cloudformation.functions import CODE_BUCKET, CODE_PARAMETERS, MOST, code_parameters, function
from flowgen.backends.cloudformation.intrinsics import arn_of, ref, sub
from flowgen.backends.cloudformation.machines import activities, machine, start_arn
from flowgen.backends.cloudformation.surroundings import Surroundings, parameters, surroundings
from flowgen.backends.cloudformation.text import prose
from flowgen.backends.cloudformation.trigger_apis import urls
from flowgen.backends.cloudformation.triggers import triggers
from flowgen.backends.cloudformation.units import Unit

TEMPLATE_DESCRIPTION = 1024
"""Bytes of UTF-8 (CloudFormation user guide, "Understand CloudFormation quotas")."""

Entry = tuple[str, dict[str, Any]]


def stack(units: Sequence[Unit]) -> dict[str, Any]:
    """The template of some workflows as JSON data. `findings` told nothing of them.

    Raises ValueError for what `findings` tells as FG501: two resources of one logical id.
    """
    around = surroundings(units)
    template: dict[str, Any] = {"AWSTemplateFormatVersion": "2010-09-09", "Description": description(units)}
    if asked := asked_for(units, around):
        template["Parameters"] = asked
    template |= own_sections(units)
    template["Resources"] = distinct(
        (*(entry for unit in units for entry in parts(unit, around)), *own(units, "resources"))
    )
    template["Outputs"] = distinct((*(entry for unit in units for entry in outputs(unit)), *own(units, "outputs")))
    return template


def own_sections(units: Sequence[Unit]) -> dict[str, Any]:
    """The users' mappings and conditions, where there are any."""
    written = {section: dict(own(units, section)) for section in ("mappings", "conditions")}
    return {section.title(): content for section, content in written.items() if content}


def asked_for(units: Sequence[Unit], around: Surroundings) -> dict[str, Any]:
    """The parameters: ours, then the users' as they wrote them."""
    from flowgen.backends.cloudformation import resources

    asked = {name: text for name, text in CODE_PARAMETERS.items() if name in code_parameters(units)}
    asked |= parameters(units, around)
    generated = {name: resources.text_parameter(description=text, most=MOST.get(name)) for name, text in asked.items()}
    return {**generated, **dict(own(units, "parameters"))}


def code_bucket() -> dict[str, Any]:
    """The parameter for the bucket of what does not stand in the template."""
    from flowgen.backends.cloudformation import resources

    return {CODE_BUCKET: resources.text_parameter(description=CODE_PARAMETERS[CODE_BUCKET], most=None)}


def own(units: Sequence[Unit], section: str) -> Iterator[Entry]:
    """What the users declared in a section, as they wrote it; what several workflows have alike is one."""
    seen: dict[str, Any] = {}
    for unit in units:
        for name, declared in getattr(unit.workflow, section).items():
            if seen.get(name) != declared.content:
                seen[name] = declared.content
                yield name, declared.content


def output_names(unit: Unit) -> Iterator[str]:
    """The names of the outputs that are generated for a workflow."""
    yield f"{unit.machine.machine}Arn"
    if unit.versioned:
        yield f"{unit.machine.alias}Arn"
    yield from (f"{unit.activity(name)}Arn" for name, _ in unit.activities())


def outputs(unit: Unit) -> Iterator[Entry]:
    from flowgen.backends.cloudformation import resources

    logical_id = unit.machine.machine
    yield (
        f"{logical_id}Arn",
        resources.output(
            description=f"The ARN of the state machine of {unit.workflow.name}.",
            value=arn_of(logical_id),
            export=sub(f"${{AWS::StackName}}-{logical_id}Arn"),
        ),
    )
    if unit.versioned:
        yield (
            f"{unit.machine.alias}Arn",
            resources.output(
                description=f"The ARN that starts {unit.workflow.name}: of the alias of its current version.",
                value=start_arn(unit),
                export=sub(f"${{AWS::StackName}}-{unit.machine.alias}Arn"),
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
    for name, route, url in urls(unit):
        yield (
            name,
            resources.output(
                description=f"The URL of the API whose {route} starts {unit.workflow.name}.",
                value=url,
                export=sub(f"${{AWS::StackName}}-{name}"),
            ),
        )


def distinct(entries: Iterable[Entry]) -> dict[str, Any]:
    declared: dict[str, Any] = {}
    for logical_id, declaration in entries:
        if logical_id in declared:
            raise ValueError(logical_id)
        declared[logical_id] = declaration
    return declared


def parts(unit: Unit, around: Surroundings) -> Iterator[Entry]:
    """What is generated for a workflow, with its tags."""
    from flowgen.backends.cloudformation import resources

    for logical_id, declaration in _parts(unit, around):
        yield logical_id, resources.tagged(declaration, unit.workflow.tags)


def _parts(unit: Unit, around: Surroundings) -> Iterator[Entry]:
    yield from machine(unit, around)
    for name, _ in unit.deployed():
        yield from function(unit, name, around)
    yield from activities(unit, around)
    yield from alarms(unit)
    yield from key(unit)
    yield from triggers(unit, around)


def description(units: Sequence[Unit]) -> str:
    own = (units[0].workflow.description or "").strip() if len(units) == 1 else ""
    text = own or f"Step Functions: {', '.join(unit.workflow.name for unit in units)}."
    return prose(text.replace("${", "$ {"), TEMPLATE_DESCRIPTION, "utf-8")
