"""The roles in a call's arguments, which are passed to a service (IAM user guide, "Pass a role to a service")."""

from __future__ import annotations

from collections.abc import Iterator

from flowgen.backends.cloudformation.iam.arn_templates import Arn, form_in, of_form
from flowgen.backends.cloudformation.intrinsics import arn_of
from flowgen.backends.cloudformation.static_values import UNKNOWN, Known, Resources, Tree, find, property_at, type_of

_ROLE_KEYS = frozenset({"autoscalingrole", "iaminstanceprofile", "jobflowrole", "noderole", "role", "servicerole"})
_PROFILES = frozenset({"iaminstanceprofile", "jobflowrole"})
"""Arguments that name an instance profile, whose role can have a different name."""

_NO_PASSING = frozenset({"emr-containers", "iam", "sts"})
"""Services that do not need `iam:PassRole`: EMR on EKS has the condition `emr-containers:ExecutionRoleArn` instead."""


def passed_roles(key: str, arguments: Tree, resources: Resources) -> Iterator[Arn | None]:
    """The ARNs of the roles that a call (`service:action`) passes; None for one that is unknown until run time."""
    if key.partition(":")[0] in _NO_PASSING:
        return
    roles = [*_roles_in(arguments), *(_task_roles(arguments, resources) if key == "ecs:runtask" else ())]
    for argument, role in roles:
        yield _role(argument, role, resources)


def _task_roles(arguments: Tree, resources: Resources) -> list[tuple[str, Known]]:
    """The roles of a task definition, which ECS assumes for the task."""
    definition = find(arguments, "TaskDefinition")
    value = definition.only if isinstance(definition, Known) else None
    if value is None or type_of(value, resources) != "AWS::ECS::TaskDefinition":
        return [("", UNKNOWN)]
    properties = resources[value["Ref"]].get("Properties")
    named = {name: property_at(properties, name) for name in ("TaskRoleArn", "ExecutionRoleArn")}
    return [(name, Known((role,))) for name, role in named.items() if role is not None]


def _role(argument: str, role: Known, resources: Resources) -> Arn | None:
    if not role.whole:
        return None
    if role.only is not None and type_of(role.only, resources) == "AWS::IAM::Role":
        return arn_of(role.only["Ref"])
    return of_form(form_in(argument, role, resources), "arn:${Partition}:iam::${Account}:role/${Name}", role)


def _roles_in(tree: Tree) -> Iterator[tuple[str, Known]]:
    """The roles in arguments, each with the argument's name."""
    match tree:
        case dict():
            for key, value in tree.items():
                name = key.lower()
                if name in _PROFILES:
                    yield name, UNKNOWN
                elif isinstance(value, Known) and (name in _ROLE_KEYS or name.endswith("rolearn")):
                    yield name, value
                else:
                    yield from _roles_in(value)
        case list():
            for item in tree:
                yield from _roles_in(item)
        case Known():
            return
