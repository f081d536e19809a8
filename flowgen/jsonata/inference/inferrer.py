"""The state of one inference: its findings, its remaining work budget, and what all parts of it share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from flowgen.jsonata.inference.frame import Frame
from flowgen.jsonata.inference.numbers import Numbers
from flowgen.jsonata.inference.problems import Kind, Problem, Severity
from flowgen.jsonata.inference.same_value import SameValue, SameValues
from flowgen.jsonata.tree import Group, Tree
from flowgen.types import NEVER, NOTHING_TYPE, Declaration, Type, optional, union
from flowgen.types.algebra import KEPT, SEQUENCE, UNSURE, WRAPPER, Array, Origin, Part

STATES_IN_UNIT = 16
"""Looking up a cached result takes a unit for so many names and facts."""
MAX_CALLS = 60
"""Nested calls of lambdas."""


@dataclass(slots=True)
class Active:
    """A call that is being inferred, and its assumed result in the meantime."""

    key: object
    arguments: list[Type]
    assumed: Type
    used: bool = False


@dataclass(slots=True)
class Test:
    """A condition, and whether it was true or false in any evaluation: a function may be called with several types."""

    node: Tree
    branches: bool
    """Whether another branch is evaluated if it is false."""
    holds: bool = False
    fails: bool = False


@dataclass(slots=True)
class Inferrer:
    """The state of one inference: the expression, the function that infers one node, and the top-level context."""

    text: str
    infer: Callable[[Inferrer, Tree, Type, Frame], Type]
    top: Type
    work: int
    """How many units are left; negative if the expression took too many, and the rest has an unknown type."""
    problems: dict[tuple[Kind, int, int], Problem] = field(default_factory=dict)
    quiet: int = 0
    calls: list[Active] = field(default_factory=list)
    facts: set[str] = field(default_factory=set)
    """The keys of all facts that conditions have shown so far: a quick test before frames are searched."""
    tests: dict[tuple[int, int], Test] = field(default_factory=dict)
    """The conditions and predicates visited so far, by position."""
    same_values: SameValues = field(default_factory=SameValues)
    _contexts: dict[object, Type] = field(default_factory=dict)
    _number: Numbers = field(default_factory=Numbers)
    _remembered: dict[object, tuple[Type, list[bool], object]] = field(default_factory=dict)

    def evaluate(self, node: Tree, context: Type, frame: Frame) -> Type:
        return self.infer(self, node, context, frame)

    def remembered(self, node: Tree, context: Type, frame: Frame, *, closed: bool) -> Type:
        """`evaluate`, cached for each state of `frame`; only for use while problems are not reported.

        `closed`: `node` calls no function whose body is outside of it; then facts about longer expressions have no
        effect. Conditions need the types of their parts: without this cache, each level of nested conditions would
        evaluate all inner levels several times.
        """
        if self.work < 0:
            return self.evaluate(node, context, frame)
        calls = tuple((id(call), self._number(call.assumed)) for call in self.calls)
        same = self.same(node) if closed else None
        state = frame.state(self._number, math.inf if same is None else len(same.text))
        self.work -= len(state) // STATES_IN_UNIT
        key = id(node), id(context), calls, state
        found = self._remembered.get(key)
        if found is None:
            type_ = self.evaluate(node, context, frame)
            if self.work < 0:
                return type_
            found = self._remembered[key] = type_, [call.used for call in self.calls], (node, context)
        for call, used in zip(self.calls, found[1], strict=True):
            call.used = call.used or used
        return found[0]

    def same(self, node: Tree) -> SameValue | None:
        """How to recognize an expression that occurs again; None if its value may change."""
        return self.same_values.of(node)

    def entered(self, context: Type, facts: Mapping[str, Type]) -> Type:
        """A copy of `context`, whose id identifies the facts about it.

        While problems are not reported, the same facts get the same copy, so that cached results are found.
        """
        fresh = replace(context)
        if self.quiet:
            about = frozenset((text, self._number(fact)) for text, fact in facts.items())
            return self._contexts.setdefault((self._number(context), about), fresh)
        return self._contexts.setdefault(id(fresh), fresh)

    def tested(self, node: Tree, *, holds: bool, fails: bool, branches: bool) -> None:
        """Records whether a condition may be true, and whether it may be false."""
        if holds or fails:
            test = self.tests.setdefault((node.start, node.end), Test(node, branches))
            test.holds, test.fails = test.holds or holds, test.fails or fails

    def source(self, node: Tree) -> str:
        return " ".join(self.text[node.start : node.end].split())

    def tell(
        self,
        kind: Kind,
        severity: Severity,
        node: Tree | Group,
        message: str,
        help: str | None = None,  # noqa: A002 - as in a diagnostic
        *,
        certain: bool = False,
        may_fail: bool = False,
        type: Type | None = None,  # noqa: A002 - the field's name
        declaration: Declaration | None = None,
        new: str | None = None,
    ) -> None:
        """Adds a problem of `node`, unless this part of the inference is `quiet`."""
        if self.quiet:
            return
        key = (kind, node.start, node.end)
        if key not in self.problems or (certain and not self.problems[key].certain):
            self.problems[key] = Problem(
                kind, severity, node.start, node.end, message, help, certain, may_fail, type, declaration, new
            )

    @contextmanager
    def only_failures(self) -> Iterator[None]:
        """Drops the problems found inside that do not make the expression fail."""
        told = dict(self.problems)
        yield
        self.problems = {key: one for key, one in self.problems.items() if key in told or one.may_fail}

    @contextmanager
    def silently(self) -> Iterator[None]:
        self.quiet += 1
        try:
            yield
        finally:
            self.quiet -= 1


def collapse(type_: Type, *, keep: bool = False) -> Type:
    """Collapses the sequences in `type_`: undefined for no item, a bare item for one, unless arrays are kept."""
    for part in type_.parts:
        if type(part) is Array and part.kind in (SEQUENCE, WRAPPER, KEPT):
            break
    else:
        return type_
    results = []
    plain: list[Part] = []
    for part in type_.parts:
        if type(part) is not Array or part.kind not in (SEQUENCE, WRAPPER, KEPT):
            plain.append(part)
            continue
        results.append(_collapsed(part, keep=keep or part.kind == KEPT))
    return union(replace(type_, parts=tuple(plain)), *results)


def _collapsed(sequence: Array, *, keep: bool) -> Type:
    results: list[Type] = []
    most = sequence.most
    if sequence.least == 0 and sequence.unsure is not None:
        results.append(Type(UNSURE, absent=sequence.unsure))
    elif sequence.least == 0:
        origin = sequence.origin
        results.append(
            optional(
                NEVER, None if origin is None else replace(origin, text=f"{origin.text}, and there may be no items")
            )
        )
    if most == 0:
        return NOTHING_TYPE
    if keep:
        results.append(Type(parts=(replace(sequence, least=max(1, sequence.least), kind=KEPT),)))
    else:
        if sequence.least <= 1:
            results.append(sequence.prefix[0] if sequence.prefix else sequence.rest)
        if most is None or most > 1:
            results.append(Type(parts=(replace(sequence, least=max(2, sequence.least)),)))
    return union(*results)


def sequence_of(item: Type, least: int, most: int | None, origin: Origin | None = None) -> Type:
    """A sequence as JSONata makes it, before it collapses; its items are undefined only if `item` may be."""
    if most == 0 or item.is_never:
        return Type(parts=(Array((), NEVER, 0, 0, SEQUENCE, origin),))
    return Type(parts=(Array((), item, least, most, SEQUENCE, origin),))
