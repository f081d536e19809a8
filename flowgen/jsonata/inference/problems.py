"""The problems that inference finds in an expression, with their positions in the text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from flowgen.types import Declaration, Type


class Severity(Enum):
    """The severity of a problem."""

    ERROR = "error"
    """A mistake: a field that does not exist, or a type that an operator does not accept."""
    WARNING = "warning"
    """The expression may fail at run time, or probably does not do what was intended."""
    NOTE = "note"
    """The expression can fail or ignore a value, as most expressions of its kind can."""


class Kind(Enum):
    """The kinds of problems."""

    UNKNOWN_FIELD = "unknown field"
    UNKNOWN_VARIABLE = "unknown variable"
    SPELLING = "spelling"
    """A field whose name may be misspelled."""
    NO_CONTEXT = "no context"
    """A bare name where the context is empty: the `$` is missing."""
    NOT_A_FUNCTION = "not a function"
    WRONG_ARGUMENT = "wrong argument"
    WRONG_OPERAND = "wrong operand"
    WRONG_KEY = "wrong key"
    NEVER_EQUAL = "never equal"
    """A comparison of values that are never equal."""
    UNREACHABLE = "unreachable"
    """A condition that is always or never true, so that a branch is never evaluated."""
    SWALLOWED_NOTHING = "swallowed nothing"
    """An undefined value that JSONata silently converts to something else."""
    COMPARES_NOTHING = "compares nothing"
    """A comparison that counts as false if one side is undefined."""
    TRUTH = "truth"
    """A string or number where a boolean is expected."""
    MAY_FAIL = "may fail"
    """A function that fails for some values of the right type."""
    RAISES = "raises"
    """`$error` and `$assert`, which fail by design."""
    DIVISION = "division"
    """A division whose divisor may be 0: Step Functions returns a string; arithmetic with the result fails."""
    SURPRISE = "surprise"
    """JSONata 2.0.6 computes an unintended result."""
    GHOST = "ghost"
    """A predicate that is true for undefined, and so adds an item that does not exist."""
    GROUPS = "groups"
    """`{…}` applied to an array makes one object of all items."""
    GROUPS_EMPTY = "groups empty"
    """`{…}` applied to an array that may be empty, to which JSONata 2.0.6 then adds an undefined item."""
    BARE = "bare"
    """`[]` after an expression that is not a path, which does not make an array of a single value."""
    IGNORED = "ignored"
    """A predicate that JSONata 2.0.6 ignores."""
    UNCHECKED = "unchecked"
    """`any` where a specific type is expected."""
    TOO_COMPLEX = "too complex"


@dataclass(frozen=True, slots=True)
class Problem:
    """`start` and `end` are offsets into the expression, in code points.

    `certain` means that it happens whenever that part is evaluated; `may_fail` that the evaluation then fails.
    `declaration` is the contract that it contradicts, `type` the type of the underlined part.
    """

    kind: Kind
    severity: Severity
    start: int
    end: int
    message: str
    help: str | None = None
    certain: bool = False
    may_fail: bool = False
    type: Type | None = None
    declaration: Declaration | None = None
    new: str | None = None
    """The replacement for the part, if it is certain."""
