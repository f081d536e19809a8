"""What all resources of a workflow have in common: tags, and the boundary, path and names of IAM roles."""

from __future__ import annotations

import hashlib
from typing import Any

from flowgen.backends.cloudformation.intrinsics import Intrinsic, ref
from flowgen.backends.cloudformation.resources import Declaration, tagged
from flowgen.backends.cloudformation.workflow_stack import WorkflowStack
from flowgen.model.stack_settings import Roles

_ROLE_NAME = 64
"""Characters (IAM API reference, `CreateRole`)."""
_STACK_MARK = 9
"""A hyphen and the first part of the stack's id."""
_HASH = 6


def settled(stack: WorkflowStack, logical_id: str, declaration: Declaration) -> Declaration:
    """A generated resource with its workflow's tags and settings of roles."""
    made = tagged(declaration, stack.workflow.tags)
    if stack.workflow.roles is None or made["Type"] not in ("AWS::IAM::Role", "AWS::IAM::ManagedPolicy"):
        return made
    properties = {**made["Properties"], **_of_roles(stack.workflow.roles, logical_id, made["Type"])}
    return {**made, "Properties": properties}


def _of_roles(roles: Roles, logical_id: str, resource_type: str) -> dict[str, Any]:
    path = {} if roles.path is None else {"Path": roles.path}
    if resource_type != "AWS::IAM::Role":
        return path
    boundary = {} if roles.boundary is None else {"PermissionsBoundary": roles.boundary}
    return {**boundary, **path, **({} if roles.prefix is None else {"RoleName": _name(roles.prefix, logical_id)})}


def _name(prefix: str, logical_id: str) -> Intrinsic:
    """A name that no other stack has. The name of the stack may be too long to be a part of it."""
    room = _ROLE_NAME - len(prefix) - _STACK_MARK
    part = logical_id
    if len(part) > room:
        part = part[: room - _HASH] + hashlib.sha256(logical_id.encode()).hexdigest()[:_HASH]
    unique = {"Fn::Select": [2, {"Fn::Split": ["/", ref("AWS::StackId")]}]}
    mark = {"Fn::Select": [0, {"Fn::Split": ["-", unique]}]}
    return {"Fn::Join": ["-", [f"{prefix}{part}", mark]]}
