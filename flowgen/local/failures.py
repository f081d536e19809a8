"""How states and executions end other than well."""

from __future__ import annotations


class StateFailure(Exception):  # noqa: N818 - a failure of the execution, in the language's own word, not of the program
    """A state failed: `error` is the name that retriers and catchers match. Either may be missing, as in a bare Fail.

    `alias` is a second name that they match. A missed heartbeat is reported as States.Timeout, and known by both names.
    States.ALL matches an oversized result of a task, as recorded on AWS in 2024, although the developer guide says that
    it never catches States.DataLimitExceeded.
    """

    def __init__(self, error: str | None, cause: str | None = None, alias: str | None = None) -> None:
        super().__init__(error, cause)
        self.error = error
        self.cause = cause
        self.alias = alias

    def output(self) -> dict[str, str]:
        """The error output that a catcher hands on (States Language, "Error Representation")."""
        return {"Error": self.error or "", "Cause": self.cause or ""}


class ExecutionStopped(Exception):  # noqa: N818 - likewise
    """The whole execution ends now; no state can retry or catch it. `status` is TIMED_OUT, FAILED or ABORTED."""

    def __init__(self, status: str, error: str | None, cause: str | None = None) -> None:
        super().__init__(status, error, cause)
        self.status = status
        self.error = error
        self.cause = cause


class InvalidDefinition(Exception):  # noqa: N818 - likewise
    """The definition is not one that Step Functions would have created; `pointer` is the JSON pointer of the place."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(f"{pointer or '/'}: {message}")
        self.pointer = pointer
        self.message = message
