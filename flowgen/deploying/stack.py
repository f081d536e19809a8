"""The stack as it is, and what each of its states allows (CloudFormation user guide, "Stack status codes")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from flowgen.deploying.cloud import Cloud
from flowgen.deploying.refusals import Refused, code_of, message_of
from flowgen.diagnostics import Diagnostic

EMPTY: Final = "REVIEW_IN_PROGRESS"
"""A stack that has only a change set so far."""

FAILED_CREATION: Final = "ROLLBACK_COMPLETE"
"""A stack whose creation failed: nothing is left in it, and it can only be deleted."""

_WELL: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "DELETE_COMPLETE"})

_STUCK: Final[Mapping[str, tuple[str, str]]] = {
    "ROLLBACK_FAILED": (
        "its creation failed, and what was made by then could not all be removed",
        "delete it, then deploy again: `{delete}`",
    ),
    "CREATE_FAILED": (
        "its creation failed, and was not rolled back",
        "delete it, then deploy again: `{delete}`",
    ),
    "DELETE_FAILED": (
        "it could not be deleted",
        "its events say what holds it; mend that, then `{delete}`",
    ),
    "UPDATE_FAILED": (
        "its last update failed, and was not rolled back",
        "roll it back, then deploy again: `{rollback}`",
    ),
    "UPDATE_ROLLBACK_FAILED": (
        "its last update failed, and could not be rolled back",
        "its events say what holds it; mend that, then `{continue_}`, then deploy again",
    ),
    "IMPORT_ROLLBACK_FAILED": (
        "an import into it failed, and could not be rolled back",
        "its events say what holds it; mend that, then `{continue_}`, then deploy again",
    ),
}


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack. Values of parameters with `NoEcho` are masked by AWS."""

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
        """Whether the last that happened to it ended well."""
        return self.status in _WELL

    @property
    def has_resources(self) -> bool:
        """Whether there is something to update."""
        return self.status not in (EMPTY, "DELETE_COMPLETE")


def look_up(cloud: Cloud, name: str) -> Stack | None:
    """The stack of a name or id; None where there is none."""
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
        {one["ParameterKey"]: one.get("ParameterValue", "") for one in found.get("Parameters", ())},
        {one["OutputKey"]: one.get("OutputValue", "") for one in found.get("Outputs", ())},
    )


def refuse_stuck(cloud: Cloud, stack: Stack) -> None:
    """Raises `Refused` (FG546) for a state that CloudFormation can't go on from by itself."""
    if stack.status not in _STUCK:
        return
    why, help_ = _STUCK[stack.status]
    commands = {
        "delete": cloud.command(f"cloudformation delete-stack --stack-name {stack.name}"),
        "rollback": cloud.command(f"cloudformation rollback-stack --stack-name {stack.name}"),
        "continue_": cloud.command(f"cloudformation continue-update-rollback --stack-name {stack.name}"),
    }
    message = f"the stack `{stack.name}` is in {stack.status}: {why}"
    raise Refused(Diagnostic("FG546", message, None, help=help_.format(**commands)))


def delete(cloud: Cloud, stack_id: str) -> None:
    """Asks for a stack's deletion."""
    cloud.cloudformation.delete_stack(StackName=stack_id)
