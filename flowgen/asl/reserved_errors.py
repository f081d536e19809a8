"""The error names that start with `States.`: their meanings, and the wildcards of Retry and Catch that match them.

Sources: developer guide, "Handling errors in Step Functions workflows" (error names); States Language, appendix A.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

ALL: Final = "States.ALL"
DATA_LIMIT_EXCEEDED: Final = "States.DataLimitExceeded"
HEARTBEAT_TIMEOUT: Final = "States.HeartbeatTimeout"
RUNTIME: Final = "States.Runtime"
TASK_FAILED: Final = "States.TaskFailed"
TIMEOUT: Final = "States.Timeout"


@dataclass(frozen=True, slots=True)
class ReservedError:
    """An error name of the service.

    `by_all` and `by_task_failed` say whether the wildcards `States.ALL` and `States.TaskFailed` match the error,
    `by_name` whether any entry of Retry or Catch does.
    """

    meaning: str
    by_all: bool = True
    by_task_failed: bool = True
    by_name: bool = True


RESERVED_ERRORS: Mapping[str, ReservedError] = MappingProxyType(
    {
        ALL: ReservedError("A wildcard for every error except States.DataLimitExceeded and States.Runtime."),
        "States.BranchFailed": ReservedError("A branch of a Parallel state failed."),
        DATA_LIMIT_EXCEEDED: ReservedError(
            "An input, output or result exceeds 256 KiB. A terminal error that States.ALL does not catch.", by_all=False
        ),
        "States.ExceedToleratedFailureThreshold": ReservedError(
            "More items of a Map state failed than its threshold tolerates."
        ),
        HEARTBEAT_TIMEOUT: ReservedError(
            "A task sent no heartbeat within HeartbeatSeconds. The error output names States.Timeout.",
            by_task_failed=False,
        ),
        "States.Http.Socket": ReservedError("An HTTP task got no response within 60 seconds."),
        "States.IntrinsicFailure": ReservedError("A call of an intrinsic function failed."),
        "States.ItemReaderFailed": ReservedError("A Map state could not read its items."),
        "States.NoChoiceMatched": ReservedError("No rule of a Choice state matched, and it has no default."),
        "States.ParameterPathFailure": ReservedError("A path in a payload template matched nothing."),
        "States.Permissions": ReservedError("A task has no permission to run its resource."),
        "States.QueryEvaluationError": ReservedError("A JSONata expression failed, or has the wrong type."),
        "States.ReferencePathConflict": ReservedError("A reference path does not fit the value that it writes to."),
        "States.ResultPathMatchFailure": ReservedError("ResultPath cannot be applied to the state's input."),
        "States.ResultWriterFailed": ReservedError("A Map state could not write its results."),
        RUNTIME: ReservedError(
            "The state cannot process its data. It always fails the execution.",
            by_all=False,
            by_task_failed=False,
            by_name=False,
        ),
        TASK_FAILED: ReservedError("A task failed; a wildcard for every error except States.Timeout."),
        TIMEOUT: ReservedError("A task took longer than TimeoutSeconds.", by_task_failed=False),
    }
)
"""The names in Appendix A of the specification, and additional ones of the service."""

_OTHER = ReservedError("An error that a task reports.")


def matches(errors: frozenset[str], error: str | None, alias: str | None = None) -> bool:
    """Whether a retrier or catcher for these names matches an error; `alias` is a second name of that error."""
    reserved = RESERVED_ERRORS.get(error or "", _OTHER)
    if not reserved.by_name:
        return False
    return (
        (error in errors)
        or (alias in errors)
        or (error == HEARTBEAT_TIMEOUT and TIMEOUT in errors)
        or (reserved.by_all and ALL in errors)
        or (reserved.by_task_failed and TASK_FAILED in errors)
    )
