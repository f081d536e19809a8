"""Functions of imported files: one Lambda function, whose settings all workflows that share it must agree on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flowgen.backends.cloudformation.stack_context import StackContext
from flowgen.backends.cloudformation.template.functions import function
from flowgen.backends.cloudformation.template.shared_settings import settled
from flowgen.backends.cloudformation.workflow_stack import WorkflowStack
from flowgen.diagnostics import Diagnostic, Label

_SETTINGS = {
    "Environment": "`defaults.function` or `encryption`",
    "KmsKeyArn": "`encryption`",
    "KmsKeyId": "`encryption`",
    "LoggingConfig": "`logging.format`",
    "Path": "`roles`",
    "PermissionsBoundary": "`roles`",
    "Policies": "`defaults.function.policies` or `tracing`",
    "RetentionInDays": "`logging.retention`",
    "RoleName": "`roles`",
    "Tags": "`tags`",
    "TracingConfig": "`tracing`",
}
"""What sets a property in a workflow; `defaults.function` for all others."""


def different_settings(stacks: Sequence[WorkflowStack], context: StackContext) -> Iterator[Diagnostic]:
    """FG506: workflows that give different settings to a function that they share."""
    first: dict[str, tuple[WorkflowStack, Mapping[str, Any]]] = {}
    for stack in stacks:
        for name in stack.libraries:
            ids = stack.function(name)
            made = {
                logical_id: settled(stack, logical_id, declaration)["Properties"]
                for logical_id, declaration in function(stack, name, context)
                if logical_id in ids.all()
            }
            other, known = first.setdefault(ids.function, (stack, made))
            differing = [
                _SETTINGS.get(key, "`defaults.function`")
                for logical_id, properties in made.items()
                for key in sorted({*properties, *known[logical_id]})
                if properties.get(key) != known[logical_id].get(key)
            ]
            both = f"`{other.workflow.name}` and `{stack.workflow.name}`"
            if differing:
                yield Diagnostic(
                    "FG506",
                    f"{both} configure the shared function `{name}` differently",
                    stack.workflow.span_of("name"),
                    f"differs in {' and '.join(dict.fromkeys(differing))}",
                    secondary=(
                        Label(other.workflow.span_of("name"), "the other workflow"),
                        Label(stack.workflow.functions[name].node.span, "the shared function"),
                    ),
                    help="use the same settings in both, or configure the function in the file that declares it",
                )
