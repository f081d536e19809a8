"""The type of an expression, and what is wrong with it, from the types of the variables that it names.

In: a syntax tree (`parsing`), and an `Environment`: the types of variables (without `$`) and of the context. Out: an
`Inference`: the type of what the expression gives, and `Problem`s with offsets into the expression.
Never: evaluation, YAML, steps, a word of flowgen's own names.

    syntax = ExpressionParser().parse("$order.lines.sku")
    found = infer(text, syntax.tree, Environment({"order": definitions.named("Order")}))
    found.type                                  # string | string[] | nothing
    assign(found.type, array_of(TEXT_TYPE))     # why not, and the way to mend it

`narrow` gives the environment where a condition holds, or where it does not: what `if`, `when` and `match` mean for the
steps under them. A type that leaves an expression for another is `settled`: its reasons keep their text, and lose the
offsets that mean nothing there.

Soundness: an expression that evaluates without an error gives a value of the inferred type (nothing, if that may be
nothing); if it may end with an error, a problem with `may_fail` says so. What no type tells is left out: numbers too
great, time and memory used up, recursion without end.

The modules behind `infer` and `narrow` are loaded when these are called: a workflow without expressions needs none.
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
    "concatenation",
    "infer",
    "is_fact",
    "is_guard",
    "mentions",
    "narrow",
    "settled",
]

NO_CONTEXT = Type(NOTHING | NULL)
"""Whether Step Functions gives an expression null or nothing as its context is not known."""


@dataclass(frozen=True, slots=True)
class Environment:
    """The types of the variables, and of the context `$` at the top.

    Among the variables may be facts about other expressions, as `narrow` returns them (`is_fact`).
    """

    variables: Mapping[str, Type]
    context: Type = field(default=NO_CONTEXT)


@dataclass(frozen=True, slots=True)
class Inference:
    """The type of an expression, nothing among it where it may give none, and its problems in the order of the text."""

    type: Type
    problems: tuple[Problem, ...]


def infer(text: str, tree: Tree, environment: Environment) -> Inference:
    """The type of the expression `text`, whose syntax tree is `tree`. Never raises for any expression that parses."""
    from flowgen.jsonata.inference.dead_branches import check_tests
    from flowgen.jsonata.inference.engine import infer_node
    from flowgen.jsonata.inference.inferrer import Inferrer
    from flowgen.jsonata.inference.operators import not_finite

    run = Inferrer(text, infer_node, environment.context, facts=_facts(environment))
    try:
        type_ = as_json(run.evaluate(tree, environment.context, _frame(environment)))
        check_tests(run)
    except RecursionError:
        run.tell(Kind.TOO_COMPLEX, Severity.NOTE, tree, "this expression is nested too deeply for its type to be known")
        type_ = Type(ANY | NOTHING, unknown=Origin("the expression is nested too deeply"))
    texts = not_finite(tree, {problem.start for problem in run.problems.values() if problem.kind is Kind.DIVISION})
    type_ = union(type_, Type(literals=texts)) if texts else type_
    problems = sorted(run.problems.values(), key=lambda problem: (problem.start, problem.end, problem.kind.value))
    return Inference(type_, tuple(problems))


def narrow(text: str, tree: Tree, environment: Environment, *, holds: bool) -> Environment | None:
    """The environment where the condition `tree` is true, or where it is not; None where that can't be."""
    from flowgen.jsonata.inference import conditions, facts
    from flowgen.jsonata.inference.engine import infer_node
    from flowgen.jsonata.inference.inferrer import Inferrer

    run = Inferrer(text, infer_node, environment.context, quiet=1, facts=_facts(environment))
    frame = _frame(environment)
    known = facts.Facts(environment.context, {})
    found = conditions.narrow(run, tree, known, frame, holds=holds)
    if found is None:
        return None
    shown = frozenset(_facts(environment) | set(filter(is_fact, found.variables)))
    return Environment(Variables({**environment.variables, **found.variables}, shown), found.context)


def is_guard(tree: Tree, *, always: bool) -> bool:
    """Whether a condition with one outcome may be meant: a guard or, where it is `always` true, a test of a setting."""
    from flowgen.jsonata.inference import dead_branches

    return dead_branches.is_guard(tree) or (always and dead_branches.is_equality(tree))


def _facts(environment: Environment) -> set[str]:
    variables = environment.variables
    return set(variables.facts) if isinstance(variables, Variables) else set(filter(is_fact, variables))


def _frame(environment: Environment) -> Frame:
    from flowgen.jsonata.inference.engine import unwrapped
    from flowgen.jsonata.inference.frame import Frame

    return Frame(Frame(None, {"$": unwrapped(environment.context), **environment.variables}))
