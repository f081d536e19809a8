"""The errors of paths, function calls, templates and rules: in their syntax, or during evaluation."""

from __future__ import annotations

from typing import Literal


class QuerySyntaxError(Exception):
    """A syntax error in a part of a definition; `position` is its offset in that part."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


class QueryFailure(Exception):  # noqa: N818 - the specification's term for a failed execution, not an error in the program
    """A failed evaluation: `error` is the name that retriers and catchers match, `cause` the text.

    The cause lacks the service's prefix ("An error occurred while executing the state …"), because the state is unknown
    here.
    """

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(error, cause)
        self.error = error
        self.cause = cause

    def __str__(self) -> str:
        return f"{self.error}: {self.cause}"


class ValueNotFound(QueryFailure):
    """The failure of a field whose path does not exist in the state's data."""


def too_deep() -> QueryFailure:
    """The failure for values that are nested too deeply to process."""
    return QueryFailure("States.Runtime", "The value is nested too deeply")


class PathNotFound(QueryFailure):
    """A path that does not exist in its document; `reason` is the service's message about where it ends.

    `kind` distinguishes the cases that callers handle differently: an index beyond the end of its array (null in a
    payload template), an index into something other than an array, and all other missing values.
    """

    def __init__(
        self, text: str, reason: str, kind: Literal["missing", "past_the_end", "no_array"] = "missing"
    ) -> None:
        super().__init__("States.Runtime", f"Invalid path '{text}' : {reason}")
        self.text = text
        self.reason = reason
        self.kind = kind
