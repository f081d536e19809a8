"""How states and executions fail."""

from __future__ import annotations


class StateFailure(Exception):  # noqa: N818 - the States Language's term for a failed state, not a bug of the program
    """A state failed. Retriers and catchers match `error`. `error` and `cause` may be missing, as in a bare Fail.

    Retriers and catchers also match `alias`. AWS reports a missed heartbeat as States.Timeout, but matches it by both
    names. States.ALL matches an oversized result of a task, as recorded on AWS in 2024, although the developer guide
    says that it never catches States.DataLimitExceeded.
    """

    def __init__(self, error: str | None, cause: str | None = None, alias: str | None = None) -> None:
        super().__init__(error, cause)
        self.error = error
        self.cause = cause
        self.alias = alias

    def details(self) -> dict[str, str]:
        """The error and the cause as members of an event, without missing ones."""
        details = {"error": self.error, "cause": self.cause}
        return {name: text for name, text in details.items() if text is not None}

    def output(self) -> dict[str, str]:
        """The error output that a catcher receives (States Language, "Error Representation")."""
        return {"Error": self.error or "", "Cause": self.cause or ""}


class ExecutionStopped(Exception):  # noqa: N818 - likewise
    """The whole execution ends; no state can retry or catch it. `status` is TIMED_OUT, FAILED or ABORTED."""

    def __init__(self, status: str, error: str | None, cause: str | None = None) -> None:
        super().__init__(status, error, cause)
        self.status = status
        self.error = error
        self.cause = cause


class InvalidDefinition(Exception):  # noqa: N818 - likewise
    """Step Functions would reject the definition. `pointer` is the JSON pointer of the invalid value."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(f"{pointer or '/'}: {message}")
        self.pointer = pointer
        self.message = message
