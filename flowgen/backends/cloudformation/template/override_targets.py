"""The resources that overrides mean, and what CloudFormation would reject in them (FG550-FG554)."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final

from flowgen.aws.resource_properties import (
    Problem,
    problems,
    properties_of,
    required_of,
    retention_policies,
)
from flowgen.backends.cloudformation.cross_references import depended_on
from flowgen.backends.cloudformation.cross_references import references as references_in
from flowgen.backends.cloudformation.overrides import Overrides, Resolved
from flowgen.backends.cloudformation.resources import Declaration
from flowgen.backends.cloudformation.stack_context import StackContext, context_of
from flowgen.backends.cloudformation.template.alarms import alarm_id, alarms_of
from flowgen.backends.cloudformation.triggers.ids import all_ids, ids_of
from flowgen.backends.cloudformation.workflow_stack import WorkflowStack
from flowgen.diagnostics import Diagnostic, Label, Span, did_you_mean, replacing
from flowgen.model.element import listed
from flowgen.model.overrides import ATTRIBUTES, Override
from flowgen.source import Entry, Node, Scalar, plain
from flowgen.source import Mapping as MappingNode
from flowgen.source import Sequence as SequenceNode

_VERSION = "[0-9a-f]{10}"
_REFUSED: Final[Mapping[tuple[str, str], str]] = {
    ("AWS::StepFunctions::StateMachine", "Definition"): "change the steps of the workflow",
    ("AWS::StepFunctions::StateMachine", "DefinitionString"): "change the steps of the workflow",
    ("AWS::StepFunctions::StateMachine", "DefinitionS3Location"): "change the steps of the workflow",
    ("AWS::StepFunctions::StateMachine", "DefinitionSubstitutions"): "change the steps of the workflow",
    ("AWS::StepFunctions::StateMachine", "StateMachineType"): "set `type` of the workflow",
    ("AWS::Lambda::Function", "Runtime"): "set `runtime` of the function, which also selects its packages",
    ("AWS::Lambda::Function", "Architectures"): "set `architecture` of the function, which also selects its packages",
    ("AWS::Lambda::Function", "Handler"): "set `python` or `handler` of the function",
}
"""Properties that must agree with what flowgen checks, runs and packages, and what to do instead."""


def full_context(stacks: Sequence[WorkflowStack], *, nested: bool = False) -> StackContext:
    """The context of a template, with its overrides."""
    return replace(context_of(stacks, nested=nested), overrides=resolve(stacks))


def resolve(stacks: Sequence[WorkflowStack]) -> Overrides:
    """The overrides of workflows: those that leave more names open first, then in the order of the stacks.

    An override of an imported file or of the project counts once for each of its resources.
    """
    found: dict[tuple[str, Hashable], Resolved] = {}
    for stack in stacks:
        named = paths(stack) if stack.workflow.overrides else {}
        for override in stack.workflow.overrides:
            pattern = "|".join(_ids(named, override.path))
            if pattern:
                found.setdefault((pattern, override.identity), Resolved(re.compile(pattern), override))
    return Overrides(tuple(sorted(found.values(), key=lambda resolved: -resolved.breadth)))


def setting_of(stacks: Sequence[WorkflowStack], logical_id: str, property_path: str) -> Span | None:
    """Where a property or attribute of a generated resource was set, if an override or `deployment` did."""
    if property_path == "DeploymentPreference":
        owner = next((stack for stack in stacks if stack.machine.alias == logical_id), None)
        return None if owner is None else owner.workflow.span_of("deployment")
    entries = (entry for resolved in resolve(stacks).of(logical_id) for entry in resolved.override.entries)
    first = property_path.partition(".")[0]
    return next((entry.key.span for entry in entries if entry.key.text.partition(".")[0] == first), None)


def _ids(named: Mapping[str, str], target: str) -> Iterator[str]:
    """Patterns of the logical ids that a target may mean, by the `paths` of a workflow."""
    if _is_logical_id(target):
        yield re.escape(target)
        return
    if "*" not in target:
        yield from filter(None, (named.get(target),))
        return
    pattern = re.compile(re.escape(target).replace(r"\*", r"[^.]+"))
    yield from (ids for path, ids in named.items() if pattern.fullmatch(path))


def _is_logical_id(target: str) -> bool:
    return target.isalnum() and target[0].isupper()


def paths(stack: WorkflowStack) -> dict[str, str]:
    """The path of each resource of a workflow, with the pattern of its logical id."""
    ids, unused = stack.machine, stack.unused_ids()
    named = {
        "machine": ids.machine,
        "machine.role": ids.role,
        "machine.policy": ids.own_policy,
        "machine.log_group": ids.log_group,
        "machine.version": ids.version,
        "machine.alias": ids.alias,
        "machine.key": ids.key,
        "notifications": ids.notifications,
        "notifications.dead_letter_queue": ids.undelivered,
        "notifications.dead_letter_queue_policy": ids.undelivered_policy,
        "dashboard": ids.dashboard,
    }
    found = {path: name for path, name in named.items() if name not in unused}
    for name, _ in stack.deployed():
        function = stack.function(name)
        found |= {
            f"functions.{name}": function.function,
            f"functions.{name}.role": function.role,
            f"functions.{name}.log_group": function.log_group,
        }
        if stack.versioned:
            found[f"functions.{name}.version"] = function.version(_VERSION)
    found |= {f"activities.{name}": stack.activity(name) for name, _ in stack.activities()}
    found |= {f"alarms.{name}": alarm_id(stack, name) for name in alarms_of(stack)}
    for name, trigger in stack.workflow.triggers.items():
        own = ids_of(stack, name, trigger)
        for logical_id in all_ids(stack, name, trigger):
            part = logical_id.removeprefix(own.main if logical_id.startswith(own.main) else own.prefix)
            words = re.sub(r"(?<!^)(?=[A-Z])", "_", part).lower()
            found[f"triggers.{name}{'.' if words else ''}{words}"] = logical_id
    return found


def override_problems(
    stacks: Sequence[WorkflowStack], plain_resources: Mapping[str, Declaration]
) -> Iterator[Diagnostic]:
    """What is wrong with the overrides of a template, whose resources are given without them."""
    overrides = resolve(stacks)
    yield from _unknown(stacks, plain_resources)
    made = {name: overrides.applied(name, declared) for name, declared in plain_resources.items()}
    for logical_id, declared in plain_resources.items():
        resolved = list(overrides.of(logical_id))
        if resolved:
            yield from _conflicts(logical_id, resolved)
            for one in resolved:
                yield from _attribute_problems(declared["Type"], one.override)
            yield from _property_problems(declared["Type"], made[logical_id], [one.override for one in resolved])
    own = {name for stack in stacks for name in stack.workflow.resources}
    yield from _conditional(made, overrides, own)


def _unknown(stacks: Sequence[WorkflowStack], resources: Mapping[str, Declaration]) -> Iterator[Diagnostic]:
    """FG550 for each override of a resource that no workflow of the template has."""
    matched: dict[Hashable, bool] = {}
    first: dict[Hashable, tuple[Override, WorkflowStack]] = {}
    for stack in stacks:
        named = paths(stack) if stack.workflow.overrides else {}
        for override in stack.workflow.overrides:
            first.setdefault(override.identity, (override, stack))
            patterns = [re.compile(ids) for ids in _ids(named, override.path)]
            exists = any(pattern.fullmatch(name) for pattern in patterns for name in resources)
            known = matched.get(override.identity, False)
            matched[override.identity] = known or exists or override.elsewhere
    for identity, (override, stack) in first.items():
        if not matched[identity]:
            target, where = override.target, override.key.span
            candidates = [*resources] if _is_logical_id(target) else [*_targets(stacks, stack, override)]
            guess = did_you_mean(target, candidates)
            whole = override.key.text == target
            yield Diagnostic(
                "FG550",
                f"the stack has no resource `{target}`",
                where,
                help=f"did you mean `{guess}`?" if guess else "`flowgen template --explain` lists the resources",
                fix=replacing(where, guess) if whole and not override.of_project else None,
            )


def _targets(stacks: Sequence[WorkflowStack], stack: WorkflowStack, override: Override) -> Iterator[str]:
    """The paths that an override could have."""
    if not override.of_project:
        yield from paths(stack)
        return
    for other in stacks:
        name = "*" if override.target.startswith("*.") else other.workflow.name
        yield from (f"{name}.{path}" for path in paths(other))


def _conflicts(logical_id: str, resolved: Sequence[Resolved]) -> Iterator[Diagnostic]:
    """FG553 for two overrides with different values for the same thing, neither of which is more specific."""
    for one, other in combinations(resolved, 2):
        if one.breadth != other.breadth:
            continue
        for first in one.override.entries:
            for second in other.override.entries:
                if _overlap(first.key.text, second.key.text) and (
                    first.key.text != second.key.text or plain(first.value) != plain(second.value)
                ):
                    yield Diagnostic(
                        "FG553",
                        f"`{second.key.text}` of `{logical_id}` has different values in two overrides",
                        second.key.span,
                        secondary=(Label(first.key.span, "the other value"),),
                        help="remove one of them",
                    )


def _overlap(one: str, other: str) -> bool:
    shared = min(one.count("."), other.count(".")) + 1
    return one.split(".")[:shared] == other.split(".")[:shared]


def _attribute_problems(resource_type: str, override: Override) -> Iterator[Diagnostic]:
    """FG552 for attributes with invalid values. `check_references` reports unknown names in them."""
    for entry in override.attributes:
        name, value = entry.key.text, plain(entry.value)
        match name:
            case _ if value is None:
                problem = ""
            case "DeletionPolicy" | "UpdateReplacePolicy":
                allowed = retention_policies(resource_type, name)
                problem = "" if value in allowed else f"must be one of {listed(allowed)}"
            case "Condition":
                problem = "" if isinstance(value, str) else "must be the name of a condition"
            case "DependsOn":
                names = value if isinstance(value, list) else [value]
                problem = "" if all(isinstance(item, str) for item in names) else "must be a list of logical ids"
            case _:
                problem = "" if isinstance(value, dict) else "must be a mapping"
        if problem:
            yield Diagnostic("FG552", f"`{name}` {problem}", entry.value.span)


def _property_problems(resource_type: str, made: Declaration, overrides: Sequence[Override]) -> Iterator[Diagnostic]:
    """FG551, FG552 and FG554 for the properties of one resource that overrides set."""
    entries = [entry for override in overrides for entry in override.properties]
    properties = made.get("Properties", {})
    for name, same in _by_property(entries).items():
        if (resource_type, name) in _REFUSED:
            message = f"`{name}` of `{resource_type}` cannot be overridden"
            yield Diagnostic("FG554", message, same[-1].key.span, help=_REFUSED[resource_type, name])
        elif name in properties:
            for problem in problems(resource_type, name, properties[name]):
                entry = next((one for one in reversed(same) if _is_about(problem, one)), None)
                if entry is not None:
                    yield _told(resource_type, problem, entry)
        elif name in required_of(resource_type):
            yield Diagnostic("FG552", f"`{resource_type}` needs the property `{name}`", same[-1].key.span)
        elif (known := properties_of(resource_type)) is not None and name not in known:
            message = f"`{resource_type}` has no property `{name}`"
            yield _told(resource_type, Problem((name,), message, tuple(sorted(known))), same[-1])


def _by_property(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.key.text.partition(".")[0], []).append(entry)
    return found


def _is_about(problem: Problem, entry: Entry) -> bool:
    """Whether an override sets the value that has a problem, or a part of it."""
    return _overlap(".".join(map(str, problem.path)), entry.key.text)


def _told(resource_type: str, problem: Problem, entry: Entry) -> Diagnostic:
    key, node = _node_at(entry, tuple(map(str, problem.path))[entry.key.text.count(".") + 1 :])
    if problem.known is None:
        return Diagnostic("FG552", problem.message, node.span, f"a property of `{resource_type}`")
    name = str(problem.path[-1])
    guess = did_you_mean(name, [*problem.known, *(ATTRIBUTES if len(problem.path) == 1 else ())])
    help_ = f"did you mean `{guess}`?" if guess else f"the properties are {listed(problem.known)}"
    fix = replacing(key.span, guess) if key.text == name else None
    return Diagnostic("FG551", problem.message, key.span, "unknown property", help=help_, fix=fix)


def _node_at(entry: Entry, path: tuple[str, ...]) -> tuple[Scalar, Node]:
    """The nearest key and the value at a path in the value of an override."""
    key, node = entry.key, entry.value
    for name in path:
        match node:
            case MappingNode() if (inner := node.entry(name)) is not None:
                key, node = inner.key, inner.value
            case SequenceNode(items=items) if name.isdecimal() and int(name) < len(items):
                node = items[int(name)]
            case _:
                break
    return key, node


def _conditional(made: Mapping[str, Declaration], overrides: Overrides, own: set[str]) -> Iterator[Diagnostic]:
    """FG554 for a condition on a resource that another generated resource always needs."""
    for logical_id in made:
        for resolved in overrides.of(logical_id):
            for entry in resolved.override.attributes:
                condition = plain(entry.value)
                if entry.key.text != "Condition" or not isinstance(condition, str):
                    continue
                needing = [
                    name
                    for name, declared in made.items()
                    if name not in own and declared.get("Condition") != condition and _needs(declared, logical_id)
                ]
                if needing:
                    yield Diagnostic(
                        "FG554",
                        f"`{logical_id}` cannot have the condition `{condition}`: other resources need it",
                        entry.key.span,
                        f"referred to by {listed(needing)}",
                        help="set the same condition on these resources",
                    )


def _needs(declared: Declaration, logical_id: str) -> bool:
    return logical_id in {*(name for name, _ in references_in(dict(declared))), *depended_on(declared)}
