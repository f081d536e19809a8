"""The template: what is generated for each workflow, and what the user declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flowgen.backends.cloudformation import resources
from flowgen.backends.cloudformation.cross_references import references
from flowgen.backends.cloudformation.iam.encryption import key
from flowgen.backends.cloudformation.intrinsics import Intrinsic, arn_of, ref, sub
from flowgen.backends.cloudformation.overrides import NONE, Overrides
from flowgen.backends.cloudformation.resources import Entry
from flowgen.backends.cloudformation.stack_context import StackContext, parameters
from flowgen.backends.cloudformation.template.alarms import alarms
from flowgen.backends.cloudformation.template.functions import (
    CODE_BUCKET,
    CODE_PARAMETERS,
    MAX_LENGTHS,
    code_parameters,
    function,
)
from flowgen.backends.cloudformation.template.machines import activities, machine
from flowgen.backends.cloudformation.template.observability import dashboard, notifications
from flowgen.backends.cloudformation.template.override_targets import full_context
from flowgen.backends.cloudformation.template.shared_settings import settled
from flowgen.backends.cloudformation.text import prose
from flowgen.backends.cloudformation.triggers.apis import urls
from flowgen.backends.cloudformation.triggers.resources import triggers
from flowgen.backends.cloudformation.workflow_stack import WorkflowStack

TEMPLATE_DESCRIPTION = 1024
"""Bytes of UTF-8 (CloudFormation user guide, "Understand CloudFormation quotas")."""


def build_template(stacks: Sequence[WorkflowStack]) -> dict[str, Any]:
    """The template of one or more workflows as JSON data. `findings` must have found no error.

    Raises ValueError for two resources with the same logical id, which `findings` reports as FG501.
    """
    context = full_context(stacks)
    template: dict[str, Any] = {"AWSTemplateFormatVersion": "2010-09-09", "Description": description(stacks)}
    if asked := asked_for(stacks, context):
        template["Parameters"] = asked
    template |= own_sections(stacks)
    template["Resources"] = distinct(
        (
            *(entry for stack in stacks for entry in parts(stack, context)),
            *shared_parts(stacks, context).items(),
            *own_resources(stacks, context),
        )
    )
    generated = (entry for stack in stacks for entry in outputs(stack, context.overrides))
    template["Outputs"] = distinct((*generated, *own(stacks, "outputs")))
    return template


def own_sections(stacks: Sequence[WorkflowStack]) -> dict[str, Any]:
    """The user's mappings and conditions, if there are any."""
    written = {section: dict(own(stacks, section)) for section in ("mappings", "conditions")}
    return {section.title(): content for section, content in written.items() if content}


def asked_for(stacks: Sequence[WorkflowStack], context: StackContext) -> dict[str, Any]:
    """The parameters: generated ones, then the user's unchanged."""
    asked = {name: text for name, text in CODE_PARAMETERS.items() if name in code_parameters(stacks)}
    asked |= parameters(stacks, context)
    generated = {name: resources.parameter(text, MAX_LENGTHS.get(name)) for name, text in asked.items()}
    return {**generated, **dict(own(stacks, "parameters"))}


def code_bucket() -> dict[str, Any]:
    """The parameter for the bucket with the files that the template refers to."""
    return {CODE_BUCKET: resources.parameter(CODE_PARAMETERS[CODE_BUCKET])}


def own(stacks: Sequence[WorkflowStack], section: str) -> Iterator[Entry]:
    """What the user declares in a section, unchanged; identical declarations of several workflows count once."""
    seen: dict[str, Any] = {}
    for stack in stacks:
        for name, declared in getattr(stack.workflow, section).items():
            if seen.get(name) != declared.content:
                seen[name] = declared.content
                yield name, declared.content


def own_resources(stacks: Sequence[WorkflowStack], context: StackContext) -> Iterator[Entry]:
    """The user's resources."""
    return ((name, context.overrides.applied(name, declared)) for name, declared in own(stacks, "resources"))


def output_names(stack: WorkflowStack) -> Iterator[str]:
    """The names of the outputs that are generated for a workflow."""
    return (name for name, _ in outputs(stack))


def outputs(stack: WorkflowStack, overrides: Overrides = NONE) -> Iterator[Entry]:
    """The ARNs of the state machine, its alias and its activities, and the URLs of APIs.

    An output of a resource with a condition has the same condition.
    """
    for name, declared in _outputs(stack):
        conditions = (overrides.condition(resource_name) for resource_name, _ in references(declared["Value"]))
        condition = next((found for found in conditions if found is not None), None)
        yield name, declared if condition is None else {**declared, "Condition": condition}


def _outputs(stack: WorkflowStack) -> Iterator[Entry]:
    logical_id, workflow = stack.machine.machine, stack.workflow.name
    yield _output(f"{logical_id}Arn", f"The ARN of the state machine of {workflow}.", arn_of(logical_id))
    if stack.versioned:
        alias = f"{stack.machine.alias}Arn"
        yield _output(alias, f"The ARN that starts {workflow}: the alias of its current version.", stack.start_arn)
    for name, _ in stack.activities():
        activity = stack.activity(name)
        about = f"The ARN of the activity {name} of {workflow}, which workers poll."
        yield _output(f"{activity}Arn", about, ref(activity))
    for name, route, url in urls(stack):
        yield _output(name, f"The URL of the API whose {route} starts {workflow}.", url)


def _output(name: str, about: str, value: Intrinsic) -> Entry:
    return name, resources.output(about, value, sub(f"${{AWS::StackName}}-{name}"))


def distinct(entries: Iterable[Entry]) -> dict[str, Any]:
    declared: dict[str, Any] = {}
    for logical_id, declaration in entries:
        if logical_id in declared:
            raise ValueError(logical_id)
        declared[logical_id] = declaration
    return declared


def parts(stack: WorkflowStack, context: StackContext) -> Iterator[Entry]:
    """The resources that are generated for a workflow, with its shared settings and overrides."""
    for logical_id, declaration in _parts(stack, context):
        yield logical_id, context.overrides.applied(logical_id, settled(stack, logical_id, declaration))


def _parts(stack: WorkflowStack, context: StackContext) -> Iterator[Entry]:
    yield from machine(stack, context)
    for name in stack.own_functions():
        yield from function(stack, name, context)
    yield from activities(stack, context)
    yield from alarms(stack)
    yield from notifications(stack)
    yield from dashboard(stack)
    yield from key(stack)
    yield from triggers(stack, context)


def shared_parts(stacks: Sequence[WorkflowStack], context: StackContext) -> dict[str, Any]:
    """The resources of the functions of imported files, each once. `different_settings` finds that workflows agree.

    Only workflows with versions need the version of a function. If one of them deploys gradually, it is kept for that.
    """
    made: dict[str, Any] = {}
    for stack in stacks:
        for name in stack.libraries:
            for logical_id, declaration in function(stack, name, context):
                known = made.get(logical_id)
                if known is None or known.get("DeletionPolicy") == "RetainExceptOnCreate":
                    made[logical_id] = settled(stack, logical_id, declaration)
    return {name: context.overrides.applied(name, declaration) for name, declaration in made.items()}


def description(stacks: Sequence[WorkflowStack]) -> str:
    own = (stacks[0].workflow.description or "").strip() if len(stacks) == 1 else ""
    text = own or f"Step Functions: {', '.join(stack.workflow.name for stack in stacks)}."
    return prose(text.replace("${", "$ {"), TEMPLATE_DESCRIPTION, "utf-8")
