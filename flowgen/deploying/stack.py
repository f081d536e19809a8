"""The current state of a stack, and what it allows (CloudFormation user guide, "Stack status codes")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from flowgen.deploying.aws_errors import Refused, code_of, message_of
from flowgen.deploying.cloud import Cloud
from flowgen.diagnostics import Diagnostic

EMPTY: Final = "REVIEW_IN_PROGRESS"
"""A stack that has only a change set."""

FAILED_CREATION: Final = "ROLLBACK_COMPLETE"
"""An empty stack whose creation failed: it can only be deleted."""

_WELL: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "DELETE_COMPLETE"})

_STUCK: Final[Mapping[str, tuple[str, str]]] = {
    "ROLLBACK_FAILED": (
        "its creation failed, and some resources could not be deleted",
        "delete it, then deploy again: `{delete}`",
    ),
    "CREATE_FAILED": (
        "its creation failed and was not rolled back",
        "delete it, then deploy again: `{delete}`",
    ),
    "DELETE_FAILED": (
        "it could not be deleted",
        "look in its events for the cause, fix that, then run `{delete}`",
    ),
    "UPDATE_FAILED": (
        "its last update failed and was not rolled back",
        "roll it back, then deploy again: `{rollback}`",
    ),
    "UPDATE_ROLLBACK_FAILED": (
        "its last update failed and could not be rolled back",
        "look in its events for the cause, fix that, run `{continue_}`, then deploy again",
    ),
    "IMPORT_ROLLBACK_FAILED": (
        "an import into it failed and could not be rolled back",
        "look in its events for the cause, fix that, run `{continue_}`, then deploy again",
    ),
}


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack. AWS masks the values of `NoEcho` parameters."""

    id: str
    name: str
    status: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def in_progress(self) -> bool:
        return self.status.endswith("_IN_PROGRESS") and self.status != EMPTY

    @property
    def is_well(self) -> bool:
        """Whether its last operation succeeded."""
        return self.status in _WELL

    @property
    def has_resources(self) -> bool:
        """Whether it contains resources."""
        return self.status not in (EMPTY, "DELETE_COMPLETE")


def look_up(cloud: Cloud, name: str) -> Stack | None:
    """The stack with a name or id; None if it does not exist."""
    from botocore.exceptions import ClientError

    try:
        [found] = cloud.cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if code_of(error) == "ValidationError" and "does not exist" in message_of(error):
            return None
        raise
    return Stack(
        found["StackId"],
        found["StackName"],
        found["StackStatus"],
        {parameter["ParameterKey"]: parameter.get("ParameterValue", "") for parameter in found.get("Parameters", ())},
        {output["OutputKey"]: output.get("OutputValue", "") for output in found.get("Outputs", ())},
    )


def refuse_stuck(cloud: Cloud, stack: Stack) -> None:
    """Raises `Refused` (FG546) if the stack's state must be repaired by hand."""
    if stack.status not in _STUCK:
        return
    why, help_ = _STUCK[stack.status]
    commands = {
        "delete": cloud.command(f"cloudformation delete-stack --stack-name {stack.name}"),
        "rollback": cloud.command(f"cloudformation rollback-stack --stack-name {stack.name}"),
        "continue_": cloud.command(f"cloudformation continue-update-rollback --stack-name {stack.name}"),
    }
    message = f"stack `{stack.name}` is in {stack.status}: {why}"
    raise Refused(Diagnostic("FG546", message, None, help=help_.format(**commands)))


def delete(cloud: Cloud, stack_id: str) -> None:
    """Starts the deletion of a stack."""
    cloud.cloudformation.delete_stack(StackName=stack_id)
