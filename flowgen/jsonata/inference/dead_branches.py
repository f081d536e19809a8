"""Conditions that are always true or never true: one branch is never evaluated, and so never checked."""

from __future__ import annotations

from flowgen.jsonata.inference.conditions import is_count, says_nothing
from flowgen.jsonata.inference.inferrer import Inferrer
from flowgen.jsonata.inference.problems import Kind, Problem, Severity
from flowgen.jsonata.tree import Binary, Block, Call, Literal, Tree, Variable

NEVER_HOLDS = "this condition is never true, so its branch is never evaluated"
ALWAYS_HOLDS = "this condition is always true, so the other branch is never evaluated"


def check_tests(run: Inferrer) -> None:
    """Reports the conditions of an expression that have only one possible outcome."""
    for (start, end), test in run.tests.items():
        if (test.holds and (test.fails or not test.branches or is_equality(test.node))) or is_guard(test.node):
            continue
        if any(
            start <= problem.start and problem.end <= end and _says_why(problem) for problem in run.problems.values()
        ):
            continue
        run.tell(Kind.UNREACHABLE, Severity.WARNING, test.node, ALWAYS_HOLDS if test.holds else NEVER_HOLDS)


def _says_why(problem: Problem) -> bool:
    return problem.kind is Kind.NEVER_EQUAL or problem.severity is Severity.ERROR


def is_guard(node: Tree) -> bool:
    """Whether a condition tests if a value is defined, or its kind: such guards are fine even if always true."""
    match node:
        case Block(expressions=(only,)):
            return is_guard(only)
        case Binary(operator="and" | "or", left=left, right=right):
            return is_guard(left) or is_guard(right)
        case Binary(left=left, right=right, operator=operator):
            if is_count(node):
                # `$count(x) >= 0` is true for every value.
                return not says_nothing(node)
            sides = (left, right)
            return operator not in _COMPARING or any(_asks_for_kind(side) for side in sides)
        case _:
            return True


def is_equality(node: Tree) -> bool:
    """Whether a condition tests equality: for a constant, such as a setting, it may be always true at present."""
    match node:
        case Block(expressions=(only,)):
            return is_equality(only)
        case Binary(operator="and" | "or", left=left, right=right):
            return is_equality(left) or is_equality(right)
        case Binary(operator="=" | "!=" | "in"):
            return True
        case _:
            return False


_COMPARING = ("=", "!=", "<", "<=", ">", ">=", "in")


def _asks_for_kind(side: Tree) -> bool:
    match side:
        case Literal(value=None):
            return True
        case Call(procedure=Variable(name="type")):
            return True
        case _:
            return False
