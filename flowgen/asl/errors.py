"""The two ways in which a path, a function call, a template or a rule goes wrong."""

from __future__ import annotations

from typing import Literal


class QuerySyntaxError(Exception):
    """Text of a definition that does not parse; `position` is the offset in that text where it went wrong."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


class QueryFailure(Exception):  # noqa: N818 - a failure of the execution, in the language's own word, not of the program
    """An evaluation that fails the state: `error` is the name that retriers and catchers match, `cause` its text.

    The cause lacks the service's opening words ("An error occurred while executing the state …"): the state is not
    known here.
    """

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(error, cause)
        self.error = error
        self.cause = cause

    def __str__(self) -> str:
        return f"{self.error}: {self.cause}"


class ValueNotFound(QueryFailure):
    """A field whose path leads nowhere in the state's data."""


def too_deep() -> QueryFailure:
    """The failure of what would not end, or only with the stack: a value nested beyond any use."""
    return QueryFailure("States.Runtime", "The value is nested too deeply")


class PathNotFound(QueryFailure):
    """A path that leads nowhere in its document; `reason` is what the service says of the place where it ended.

    `kind` tells what callers treat apart: an index beyond the end of its array (which a payload template reads as
    null), an index into something that is no array, and all else that is missing.
    """

    def __init__(
        self, text: str, reason: str, kind: Literal["missing", "past_the_end", "no_array"] = "missing"
    ) -> None:
        super().__init__("States.Runtime", f"Invalid path '{text}' : {reason}")
        self.text = text
        self.reason = reason
        self.kind = kind
