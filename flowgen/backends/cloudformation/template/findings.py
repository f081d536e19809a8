"""What AWS would reject in the stack, reported at the workflow's lines before a template is built."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flowgen.aws.iam_calls import BEYOND
from flowgen.aws.limits import MAX_LAMBDA_SECONDS
from flowgen.backends.cloudformation.iam.grants import derive
from flowgen.backends.cloudformation.iam.user_policies import is_met
from flowgen.backends.cloudformation.stack_context import PROJECT_STACK, StackContext, parameters
from flowgen.backends.cloudformation.template.alarms import alarm_id, alarms_of
from flowgen.backends.cloudformation.template.build import build_template, output_names
from flowgen.backends.cloudformation.template.cycles import circular
from flowgen.backends.cloudformation.template.function_settings import name_span, setting_span, settings
from flowgen.backends.cloudformation.template.functions import CODE_BUCKET, code_parameters, further_ids
from flowgen.backends.cloudformation.template.machines import activity_name
from flowgen.backends.cloudformation.template.override_targets import full_context, override_problems
from flowgen.backends.cloudformation.template.references import PSEUDO, check_references, references
from flowgen.backends.cloudformation.template.shared_functions import different_settings
from flowgen.backends.cloudformation.triggers.ids import all_ids
from flowgen.backends.cloudformation.triggers.limits import trigger_findings, trigger_span
from flowgen.backends.cloudformation.workflow_stack import WorkflowStack, nested_stack_id
from flowgen.diagnostics import Diagnostic, Label, Sink, Span
from flowgen.model import Alarm, Asl, Aws, Function
from flowgen.model.element import listed
from flowgen.model.steps import kind_span
from flowgen.source import Mapping

# Lambda developer guide, "Lambda quotas", and API reference, `CreateFunction`.
MEMORY = range(128, 10_240 + 1)
TIMEOUT = range(1, MAX_LAMBDA_SECONDS + 1)
ENVIRONMENT = 4096
HANDLER = 128
# Lambda developer guide, "Working with Lambda environment variables": reserved environment variables.
RESERVED_VARIABLES = frozenset({
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
})  # fmt: skip
ACTIVITY_NAME = 80
"""Characters (Step Functions API reference, `CreateActivity`)."""
_HOUR, _DAY, _WEEK = 3600, 86_400, 604_800


def findings(stacks: Sequence[WorkflowStack], *, nested: bool = False, beyond: bool = True) -> list[Diagnostic]:
    """Name collisions, exceeded limits, unknown references and underivable permissions, sorted by position.

    Without errors, `build_template` or `bundle` may build the templates. `beyond` includes permissions for resources
    that a service uses without an argument naming them.
    """
    sink = Sink()
    context = full_context(stacks, nested=nested)
    owners = list(_owners(stacks, context))
    sink.extend(_collisions(owners))
    ids = _ids(stacks, owners)
    for stack in stacks:
        sink.extend(check_references(stack, ids.__contains__, ids))
        sink.extend(_alarms(stack))
        sink.extend(_notifications(stack))
        for name, function in stack.deployed():
            sink.extend(_function(stack, name, function))
        sink.extend(_activities(stack))
        sink.extend(_needs(stack, context, beyond=beyond))
        sink.extend(trigger_findings(stack))
    sink.extend(_named(stacks))
    sink.extend(different_settings(stacks, context))
    if _has_overrides(stacks) and not any(found.code in _NO_TEMPLATE for found in sink):
        sink.extend(override_problems(stacks, build_template(_without_overrides(stacks))["Resources"]))
    if not sink.failed:
        sink.extend(circular(stacks, _with_references(stacks)))
    return list(sink)


_NO_TEMPLATE = ("FG501", "FG506")
"""Errors that leave no template to compare overrides with."""


_REFERENCES = ("FG503", "FG550", "FG551", "FG552", "FG553", "FG554")


def _has_overrides(stacks: Sequence[WorkflowStack]) -> bool:
    return any(stack.workflow.overrides for stack in stacks)


def _without_overrides(stacks: Sequence[WorkflowStack]) -> list[WorkflowStack]:
    return [replace(stack, workflow=stack.workflow.replace(overrides=())) for stack in stacks]


def unknown_references(stacks: Sequence[WorkflowStack], *, nested: bool = False) -> list[Diagnostic]:
    """References to what the stack does not have (FG503), and overrides that CloudFormation would reject."""
    if _has_overrides(stacks):
        found = findings(stacks, nested=nested, beyond=False)
        return [problem for problem in found if problem.code in _REFERENCES]
    ids = _ids(stacks, list(_owners(stacks, full_context(stacks, nested=nested))))
    return [found for stack in stacks for found in check_references(stack, ids.__contains__, ids)]


def _ids(stacks: Sequence[WorkflowStack], owners: Iterable[_Owner]) -> dict[str, str]:
    """The logical ids of the stack, each with a description of its owner."""
    absent = {name for stack in stacks for name in stack.unused_ids()}
    return {name: owner.what for owner in owners for name in owner.logical_ids if name not in absent}


def _with_references(stacks: Sequence[WorkflowStack]) -> dict[str, Any]:
    """The part of the template that can have a cycle: all of it only if the user refers to a generated resource."""
    own = {name: declared.content for stack in stacks for name, declared in stack.workflow.resources.items()}
    given = {*own, *PSEUDO, *(name for stack in stacks for name in stack.workflow.parameters)}
    found = [reference for stack in stacks for reference in references(stack.workflow)]
    if all(reference.name in given for reference in found if reference.kind == "value"):
        return {"Resources": own}
    return build_template(stacks)


def _collisions(all_owners: Sequence[_Owner]) -> Iterator[Diagnostic]:
    owners: dict[str, _Owner] = {}
    reported = set()
    for owner in all_owners:
        for logical_id in owner.logical_ids:
            other = owners.setdefault(logical_id, owner)
            alike = other is owner or (owner.content is not None and owner.content == other.content)
            if not alike and (other.span, owner.span) not in reported:
                reported.add((other.span, owner.span))
                yield Diagnostic(
                    "FG501",
                    f"{owner.what} and {other.what} would both be `{logical_id}` in the stack",
                    owner.span,
                    secondary=(Label(other.span, f"also `{logical_id}`"),),
                    help="rename one of them",
                )


@dataclass(frozen=True, slots=True)
class _Owner:
    """Owner of logical ids in the template: `what` describes it, `span` is the span of its name.

    `content` is what the user declared: several workflows may declare the same thing.
    """

    what: str
    span: Span
    logical_ids: tuple[str, ...]
    content: Any = None


def _owners(stacks: Sequence[WorkflowStack], context: StackContext) -> Iterator[_Owner]:
    for stack in stacks:
        name = stack.workflow.name
        alarms = tuple(alarm_id(stack, alarm) for alarm in alarms_of(stack))
        yield _Owner(f"the state machine of `{name}`", stack.workflow.span_of("name"), (*stack.machine.all(), *alarms))
        if context.nested:
            yield _Owner(f"the stack of `{name}`", stack.workflow.span_of("name"), (nested_stack_id(name),))
    for stack in stacks:
        for name, _ in stack.deployed():
            library = stack.libraries.get(name)
            what = f"the function `{name}` of `{stack.workflow.name if library is None else library}`"
            versions = filter(re.compile(stack.function(name).version("[0-9a-f]+")).fullmatch, context.resources)
            # Several workflows own a shared function.
            content = None if library is None else ("function", library, name)
            own = tuple(further_ids(stack, name))
            yield _Owner(what, _name_span(stack, name), (*stack.function(name).all(), *own, *versions), content)
        for name, _ in stack.activities():
            what = f"the activity `{name}` of `{stack.workflow.name}`"
            yield _Owner(what, _name_span(stack, name), (stack.activity(name),))
    for stack in stacks:
        for name, trigger in stack.workflow.triggers.items():
            what = f"the trigger `{name}` of `{stack.workflow.name}`"
            yield _Owner(what, trigger_span(stack.workflow, name), all_ids(stack, name, trigger))
    asked = parameters(stacks, context)
    if asked:
        yield _Owner("a generated parameter", stacks[0].workflow.span_of("name"), tuple(asked))
    code = code_parameters(stacks)
    if context.nested:
        code = (*dict.fromkeys((CODE_BUCKET, *code)), PROJECT_STACK)
    if code:
        yield _Owner("a generated parameter", stacks[0].workflow.span_of("name"), code)
    for stack in stacks:
        for kind, section in (("parameter", stack.workflow.parameters), ("resource", stack.workflow.resources)):
            for name, declared in section.items():
                yield _Owner(f"the {kind} `{name}`", declared.key.span, (name,), (kind, declared.content))


@dataclass(frozen=True, slots=True)
class Origin:
    """What a resource of the stack was generated for, in words, and its span."""

    what: str
    span: Span


def origins(stacks: Sequence[WorkflowStack], resources: Iterable[str], *, nested: bool = False) -> dict[str, Origin]:
    """The origin of each resource of a stack, by logical id.

    A resource that belongs to another, such as a function's version, has a name that starts with the other's.
    """
    owned = [
        (logical_id, owner)
        for owner in _owners(stacks, full_context(stacks, nested=nested))
        for logical_id in owner.logical_ids
    ]
    exact = dict(reversed(owned))
    found = {}
    for name in resources:
        owner = exact.get(name)
        if owner is None:
            owner = max(owned, key=lambda entry: _alike(entry[0], name))[1]
        found[name] = Origin(owner.what, owner.span)
    return found


def _alike(one: str, other: str) -> int:
    """The length of the common prefix of two names."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _named(stacks: Sequence[WorkflowStack]) -> Iterator[Diagnostic]:
    """FG501 for outputs, conditions and mappings, which are separate namespaces."""
    for section in ("outputs", "conditions", "mappings"):
        owners = []
        if section == "outputs":
            for stack in stacks:
                ids = tuple(output_names(stack))
                owners.append(_Owner(f"an output of `{stack.workflow.name}`", stack.workflow.span_of("name"), ids))
        for stack in stacks:
            for name, declared in getattr(stack.workflow, section).items():
                owners.append(_Owner(f"the {section[:-1]} `{name}`", declared.key.span, (name,), declared.content))
        yield from _collisions(owners)


def _activities(stack: WorkflowStack) -> Iterator[Diagnostic]:
    for name, _ in stack.activities():
        made = activity_name(stack, name)
        if len(made) >= ACTIVITY_NAME:
            yield Diagnostic(
                "FG401",
                f"the full name of the activity `{name}` is too long",
                _name_span(stack, name),
                f"`STACK-{made}` would have more than {ACTIVITY_NAME} characters",
                help="shorten the name of the function or of the workflow",
            )


def _needs(stack: WorkflowStack, context: StackContext, *, beyond: bool) -> Iterator[Diagnostic]:
    """FG502 for each permission that cannot be derived, unless a statement of the user grants it."""
    for need in derive(stack, context)[1]:
        if is_met(need, stack) or (not beyond and need.reason in BEYOND.values()):
            continue
        what = listed(need.actions) if need.actions else "this call"
        own = isinstance(need.step, Aws | Asl)
        actions = f"[{', '.join(need.actions)}]" if len(need.actions) > 1 else "".join(need.actions) or "…"
        yield Diagnostic(
            "FG502",
            f"cannot derive the permission for {what}: {need.reason}",
            stack.workflow.span_of("name") if need.step is None else kind_span(need.step),
            help=f"grant it in the `policies` of the {'step' if own else 'workflow'}:"
            f" `{{Effect: Allow, Action: {actions}, Resource: …}}`",
        )


def _name_span(stack: WorkflowStack, function: str) -> Span:
    return name_span(stack.workflow, function)


def _function(stack: WorkflowStack, name: str, function: Function) -> Iterator[Diagnostic]:
    made = settings(stack.workflow, function)

    def where(key: str) -> Span:
        return setting_span(stack.workflow, function, key)

    if made.memory not in MEMORY:
        yield Diagnostic(
            "FG402", f"`memory` must be {MEMORY[0]} to {MEMORY[-1]:,} MiB, not {made.memory:,}", where("memory")
        )
    if made.timeout not in TIMEOUT:
        yield Diagnostic(
            "FG402",
            f"`timeout` of a function must be 1 second to 15 minutes, not {made.timeout:,} seconds",
            where("timeout"),
            help="move a longer wait into the workflow: a `wait` step costs nothing while it waits",
        )
    texts = {name: value for name, value in made.environment.items() if isinstance(value, str)}
    size = len(json.dumps(texts, ensure_ascii=False, separators=(",", ":")).encode())
    if size > ENVIRONMENT:
        yield Diagnostic(
            "FG402",
            f"the environment has {size:,} bytes; Lambda allows {ENVIRONMENT:,}",
            where("environment"),
            help="move large values into a file next to the code, or into Parameter Store",
        )
    for variable in made.environment:
        if variable in RESERVED_VARIABLES:
            yield _variable(stack, function, variable, "Lambda reserves it")
    if list(made.environment) == ["Ref"]:
        yield _variable(stack, function, "Ref", "CloudFormation would read it as a reference")
    handler = stack.handlers[name]
    if len(handler) > HANDLER:
        yield Diagnostic(
            "FG401",
            f"the handler of `{name}` has {len(handler)} characters; Lambda allows {HANDLER}",
            _name_span(stack, name),
            f"`{handler}`",
            help="shorten the name of the function, of the workflow or of the package",
        )


def _variable(stack: WorkflowStack, function: Function, name: str, reason: str) -> Diagnostic:
    own = function.node.get("environment")
    entry = own.entry(name) if isinstance(own, Mapping) else None
    at = setting_span(stack.workflow, function, "environment") if entry is None else entry.key.span
    return Diagnostic("FG107", f"an environment variable cannot be named `{name}`: {reason}", at)


def _notifications(stack: WorkflowStack) -> Iterator[Diagnostic]:
    """FG112 for targets whose number is not known before deployment: a rule names each of them."""
    written = stack.workflow.notifications
    if written is not None and not isinstance(stack.list_of(written.targets), list):
        message = "`targets` cannot be a parameter with a list: a rule needs each target by itself"
        yield Diagnostic("FG112", message, written.span_of("targets"), help="use one parameter for each target")


def _alarms(stack: WorkflowStack) -> Iterator[Diagnostic]:
    """CloudWatch API reference, `PutMetricAlarm`: an alarm covers a day, or a week with periods of an hour or more."""
    written = stack.workflow.alarms
    for name, alarm in alarms_of(stack).items():
        own = getattr(written, name, None)
        most = _WEEK if alarm.period >= _HOUR else _DAY
        if isinstance(own, Alarm) and alarm.period * alarm.periods > most:
            yield Diagnostic(
                "FG402",
                f"an alarm can cover at most {'a week' if most == _WEEK else 'a day'}, not"
                f" {alarm.periods:,} times {alarm.period:,} seconds",
                own.node.span,
                help="use fewer periods, or periods of an hour or more"
                if most == _DAY
                else "use fewer or shorter periods",
            )
