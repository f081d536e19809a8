"""The log groups of a workflow's state machine, functions and APIs."""

from __future__ import annotations

from typing import Any

from flowgen.backends.cloudformation.intrinsics import sub
from flowgen.backends.cloudformation.resources import resource
from flowgen.backends.cloudformation.stack_context import StackContext
from flowgen.backends.cloudformation.workflow_stack import WorkflowStack


def log_group(stack: WorkflowStack, context: StackContext, name: str) -> dict[str, Any]:
    """A log group whose name is a template for `Fn::Sub`."""
    return resource(
        "AWS::Logs::LogGroup",
        {
            "LogGroupName": sub(name),
            "RetentionInDays": stack.retention,
            "KmsKeyId": context.keys.get(stack.workflow.name),
        },
    )
