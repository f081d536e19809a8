"""The user's own IAM statements, and whether they grant what cannot be derived."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from flowgen.backends.cloudformation.iam.grants import Need
from flowgen.backends.cloudformation.workflow_stack import WorkflowStack
from flowgen.model import Asl, Aws


def policies_of(stack: WorkflowStack) -> list[Mapping[str, Any]]:
    """The user's statements: the workflow's and those of its steps."""
    steps = {id(owned.step): owned.step for owned in stack.states}
    own = (step.policies for step in steps.values() if isinstance(step, Aws | Asl))
    return [*stack.workflow.policies, *(statement for statements in own for statement in statements)]


def is_met(need: Need, stack: WorkflowStack) -> bool:
    """Whether the user's statements grant what cannot be derived."""
    own = need.step.policies if isinstance(need.step, Aws | Asl) else ()
    if not need.actions:
        return bool(own)
    patterns = [pattern for statement in (*own, *stack.workflow.policies) for pattern in _allowed(statement)]
    return all(any(fnmatchcase(action.lower(), pattern) for pattern in patterns) for action in need.actions)


def _allowed(statement: Mapping[str, Any]) -> list[str]:
    """The patterns of a statement's actions in lower case; all actions if it has only `NotAction`."""
    if statement.get("Effect") != "Allow":
        return []
    actions = statement.get("Action", "*")
    return [str(action).lower() for action in (actions if isinstance(actions, list) else [actions])]
