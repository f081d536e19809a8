"""What inference has to say about an expression: each problem with its place in the text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from flowgen.types import Declaration, Type


class Severity(Enum):
    """How bad a problem is."""

    ERROR = "error"
    """It is a mistake: a field that is not there, a kind of value that an operator refuses."""
    WARNING = "warning"
    """It may fail when run, or hardly does what was meant."""
    NOTE = "note"
    """It can fail, or passes over something, as most expressions of its kind do."""


class Kind(Enum):
    """The kinds of problems."""

    UNKNOWN_FIELD = "unknown field"
    UNKNOWN_VARIABLE = "unknown variable"
    SPELLING = "spelling"
    """A field under a name that may not be its right one."""
    NO_CONTEXT = "no context"
    """A bare name where there is nothing to look it up in: the `$` is missing."""
    NOT_A_FUNCTION = "not a function"
    WRONG_ARGUMENT = "wrong argument"
    WRONG_OPERAND = "wrong operand"
    WRONG_KEY = "wrong key"
    NEVER_EQUAL = "never equal"
    """A comparison of values that never are equal."""
    UNREACHABLE = "unreachable"
    """A condition that never holds, or always, so that a branch is never evaluated."""
    SWALLOWED_NOTHING = "swallowed nothing"
    """Nothing goes in where JSONata silently makes something else of it."""
    COMPARES_NOTHING = "compares nothing"
    """A comparison that counts as false when one side is nothing."""
    TRUTH = "truth"
    """A string or number where a boolean belongs."""
    MAY_FAIL = "may fail"
    """A function that fails for some values of the right type."""
    RAISES = "raises"
    """`$error` and `$assert`, which fail on purpose."""
    DIVISION = "division"
    """A division whose divisor may be 0: Step Functions makes it a string; arithmetic with the result fails."""
    SURPRISE = "surprise"
    """JSONata 2.0.6 computes something that nobody means."""
    GHOST = "ghost"
    """A predicate that is true of nothing, and so keeps an item that is not there."""
    GROUPS = "groups"
    """`{…}` over an array makes one object of all items."""
    GROUPS_EMPTY = "groups empty"
    """`{…}` over an array that may be empty, into which JSONata 2.0.6 then puts an item that is not there."""
    BARE = "bare"
    """`[]` after what is no path leaves a single value bare."""
    IGNORED = "ignored"
    """A predicate that JSONata 2.0.6 passes over."""
    UNCHECKED = "unchecked"
    """`any` goes in where a certain kind of value is needed."""
    TOO_COMPLEX = "too complex"


@dataclass(frozen=True, slots=True)
class Problem:
    """`start` and `end` are offsets into the expression, in code points.

    `certain` says that it happens whenever that part is evaluated; `may_fail` that the evaluation then ends with an
    error. `declaration` is the contract that it contradicts, `type` the type of what is underlined.
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
    """What to write instead of the part, if that is certain."""
