"""Infers the type of an expression, and finds its problems, from the types of the variables that it uses.

In: a syntax tree (`parsing`), and an `Environment`: the types of variables (without `$`) and of the context. Out: an
`Inference`: the type of the result, and `Problem`s with offsets into the expression.
Never: evaluation, YAML, steps, or any other term of flowgen's language.

    syntax = ExpressionParser().parse("$order.lines.sku")
    found = infer(text, syntax.tree, Environment({"order": definitions.named("Order")}))
    found.type                                  # string | string[] | undefined
    assign(found.type, array_of(TEXT_TYPE))     # why it does not fit, and how to fix it

`narrow` returns the environment in which a condition is true, or in which it is false: what `if`, `when` and `match`
imply for the steps in their branches. `settled` prepares a type for use in other expressions: its reasons keep their
text, but lose the offsets, which are meaningless there.

Soundness: an expression that evaluates without an error has a value of the inferred type (or is undefined, if the type
allows it); if it may fail, a problem with `may_fail` reports it. Failures that types cannot predict are not reported:
numbers that are too large, the limits on time and memory, and infinite recursion.

`infer` and `narrow` import their modules when called: a workflow without expressions needs none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowgen.jsonata.inference.boundary import as_json, settled
from flowgen.jsonata.inference.concatenation import concatenation
from flowgen.jsonata.inference.mentions import Variables, is_fact, mentions
from flowgen.jsonata.inference.problems import Kind, Problem, Severity
from flowgen.types import Origin, Type, union
from flowgen.types.algebra import ANY, NOTHING, NULL

if TYPE_CHECKING:
    from flowgen.jsonata.inference.frame import Frame
    from flowgen.jsonata.tree import Tree

__all__ = [
    "Environment",
    "Inference",
    "Kind",
    "Problem",
    "Severity",
    "Variables",
    "Work",
    "concatenation",
    "infer",
    "is_fact",
    "is_guard",
    "mentions",
    "narrow",
    "settled",
]

NO_CONTEXT = Type(NOTHING | NULL)
"""The context of an expression in Step Functions: null or undefined; it is not known which."""


@dataclass(frozen=True, slots=True)
class Environment:
    """The types of the variables, and of the top-level context `$`.

    The variables may include facts about other expressions, which `narrow` returns (`is_fact`).
    """

    variables: Mapping[str, Type]
    context: Type = field(default=NO_CONTEXT)


MAX_WORK = 20_000
"""Units of work for one expression. A unit is about a visit to a node; each call of a lambda counts again."""


@dataclass(slots=True)
class Work:
    """The units of work that several expressions may still take together.

    `infer` and `narrow` reduce `left`, to at least 0. The type of an expression is unknown if its units do not suffice.
    Work is counted instead of measured in time, so that the same file always has the same findings.
    """

    left: int

    def spend(self, units: int) -> None:
        self.left = max(0, self.left - units)


@dataclass(frozen=True, slots=True)
class Inference:
    """The type of an expression, including undefined if it may be undefined, and its problems in source order."""

    type: Type
    problems: tuple[Problem, ...]


def infer(text: str, tree: Tree, environment: Environment, work: Work | None = None) -> Inference:
    """The type of the expression `text`, whose syntax tree is `tree`. Raises for no expression that parses."""
    from flowgen.jsonata.inference.dead_branches import check_tests
    from flowgen.jsonata.inference.engine import infer_node
    from flowgen.jsonata.inference.inferrer import Inferrer
    from flowgen.jsonata.inference.operators import not_finite

    most = MAX_WORK if work is None else min(work.left, MAX_WORK)
    run = Inferrer(text, infer_node, environment.context, work=most, facts=_facts(environment))
    try:
        type_ = as_json(run.evaluate(tree, environment.context, _frame(environment)))
        check_tests(run)
    except RecursionError:
        run.tell(Kind.TOO_COMPLEX, Severity.NOTE, tree, "this expression is nested too deeply to infer its type")
        type_ = Type(ANY | NOTHING, unknown=Origin("the expression is nested too deeply"))
    if work is not None:
        work.spend(most - run.work)
    texts = not_finite(tree, {problem.start for problem in run.problems.values() if problem.kind is Kind.DIVISION})
    type_ = union(type_, Type(literals=texts)) if texts else type_
    problems = sorted(run.problems.values(), key=lambda problem: (problem.start, problem.end, problem.kind.value))
    return Inference(type_, tuple(problems))


def narrow(
    text: str, tree: Tree, environment: Environment, *, holds: bool, work: Work | None = None
) -> Environment | None:
    """The environment in which the condition `tree` is true, or in which it is not; None if that cannot happen."""
    from flowgen.jsonata.inference import conditions, facts
    from flowgen.jsonata.inference.engine import infer_node
    from flowgen.jsonata.inference.inferrer import Inferrer

    most = MAX_WORK if work is None else min(work.left, MAX_WORK)
    run = Inferrer(text, infer_node, environment.context, work=most, quiet=1, facts=_facts(environment))
    frame = _frame(environment)
    known = facts.Facts(environment.context, {})
    try:
        found = conditions.narrow(run, tree, known, frame, holds=holds)
    except RecursionError:  # `infer` tells: too deep an expression, or a list of such lists
        return environment
    if work is not None:
        work.spend(most - run.work)
    if found is None:
        return None
    shown = frozenset(_facts(environment) | set(filter(is_fact, found.variables)))
    return Environment(Variables({**environment.variables, **found.variables}, shown), found.context)


def is_guard(tree: Tree, *, always: bool) -> bool:
    """Whether a condition with one outcome may be intended: a guard or, if `always` true, a test of a setting."""
    from flowgen.jsonata.inference import dead_branches

    return dead_branches.is_guard(tree) or (always and dead_branches.is_equality(tree))


def _facts(environment: Environment) -> set[str]:
    variables = environment.variables
    return set(variables.facts) if isinstance(variables, Variables) else set(filter(is_fact, variables))


def _frame(environment: Environment) -> Frame:
    from flowgen.jsonata.inference.engine import unwrapped
    from flowgen.jsonata.inference.frame import Frame

    return Frame(Frame(None, {"$": unwrapped(environment.context), **environment.variables}))
