"""The types of conditions and cases, and the facts that follow from them."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from flowgen.check.dataflow.values import Teller, place_of, type_of_expression
from flowgen.jsonata.inference import Environment, Variables, is_guard, narrow
from flowgen.jsonata.parsing import ExpressionParser, Syntax, SyntaxFailure
from flowgen.types import BOOLEAN_TYPE, NULL_TYPE, Type, assign, expand, literal, present, show
from flowgen.types.algebra import BOOLEAN, NULL

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowgen.check.dataflow.state import FlowState
    from flowgen.model import Expression, Match


_KEPT = 8


def _facts(environment: Environment) -> frozenset[str] | None:
    return environment.variables.facts if isinstance(environment.variables, Variables) else None


def _parser() -> Callable[[str], Syntax | SyntaxFailure]:
    return functools.cache(ExpressionParser().parse)


@dataclass(frozen=True, slots=True)
class Conditions:
    """Checks conditions, and derives the facts that hold after them."""

    teller: Teller
    _parse: Callable[[str], Syntax | SyntaxFailure] = field(default_factory=_parser)
    _last: dict[tuple[str, int, bool], tuple[FlowState, FlowState | None]] = field(default_factory=dict)
    """Cache of the facts from recent conditions, which are needed more than once."""

    def check(self, condition: Expression, known: FlowState, *, always: str | None, never: str | None) -> None:
        """FG310: conditions that may not be boolean. FG306: conditions that are always true or always false.

        `always` and `never` describe the consequence of such a condition; None if that is not a mistake.
        """
        told = len(self.teller.found)
        found = type_of_expression(condition, known.variables, self.teller, catchable=False)
        place = place_of(condition)
        mismatch = assign(found, BOOLEAN_TYPE)
        if mismatch is None:
            self.teller.relies(found, place)
            self.teller.unchecked(found, place, "a condition must be true or false")
            if len(self.teller.found) == told:
                self._decided(condition, known, always, never)
            return
        help_ = mismatch.help if assign(present(found), BOOLEAN_TYPE) is None else "compare it, or write `$boolean(…)`"
        if assign(present(found), BOOLEAN_TYPE) is None:
            help_ = "guard it: `$exists(x) and …`"
        message = f"this condition {mismatch.message}"
        self.teller.tell("FG310", message, place, help_=help_)

    def _decided(self, condition: Expression, known: FlowState, always: str | None, never: str | None) -> None:
        if self.teller.quiet:
            return
        holds, fails = (self.narrowed(condition, known, holds=outcome) is not None for outcome in (True, False))
        follows = (always if holds else never) if holds != fails else None
        if follows is not None and not is_guard(condition.syntax.tree, always=holds):
            message = f"this is {'always' if holds else 'never'} true, so {follows}"
            self.teller.tell("FG306", message, place_of(condition), f"always {str(holds).lower()}")

    def narrowed(self, condition: Expression, known: FlowState, *, holds: bool) -> FlowState | None:
        """The facts if a condition is true, or false; None if that is impossible."""
        return self.facts(condition.text, known, holds=holds)

    def facts(self, text: str, known: FlowState, *, holds: bool) -> FlowState | None:
        """The same for the text of a condition."""
        key = text, id(known), holds
        if key not in self._last:
            if len(self._last) > _KEPT:
                self._last.clear()
            # The key contains the id of the first of these, which must therefore stay alive.
            self._last[key] = known, self._narrowed(text, known, holds=holds)
        return self._last[key][1]

    def _narrowed(self, text: str, known: FlowState, *, holds: bool) -> FlowState | None:
        if not self.teller.work.left:
            return known
        syntax = self._parse(text)
        if isinstance(syntax, SyntaxFailure):
            return known
        found = narrow(text, syntax.tree, Environment(known.variables), holds=holds, work=self.teller.work)
        return None if found is None else replace(known, variables=Variables(found.variables, _facts(found)))

    def exhaustive(self, step: Match, found: Type) -> None:
        """FG309: values without a case in a `match` without `else`."""
        values = _finite(found)
        if values is None:
            message = f"the cases do not cover every value of `{show(found)}`"
            help_ = _fallback(step) or "add `else`; `else: []` does nothing for the other values"
            self.teller.tell("FG309", message, place_of(step.subject), help_=help_)
            return
        covered = {(type(case.value), case.value) for case in step.cases}
        left = [value for value in values if (type(value), value) not in covered]
        if left:
            names = ", ".join(f"`{written(value)}`" for value in left)
            self.teller.tell(
                "FG309",
                f"no case for {names}",
                step.span_of("match"),
                "not all values have a case",
                help_=_fallback(step) or "add a case for each, or `else`",
            )


def written(value: float | str | bool | None) -> str:  # noqa: FBT001 - any scalar
    """A scalar as JSONata text."""
    return json.dumps(value, ensure_ascii=False)


def _finite(found: Type) -> list[bool | int | float | str | None] | None:
    """All values of a type, or None if they cannot be enumerated."""
    expanded = expand(found)
    if expanded.parts or expanded.formats or expanded.atoms & ~(NULL | BOOLEAN):
        return None
    values: list[bool | int | float | str | None] = sorted(expanded.literals, key=str)
    values += [value for value in (True, False) if assign(literal(value), expanded) is None]
    return [*values, None] if assign(NULL_TYPE, expanded) is None else values


def _fallback(step: Match) -> str | None:
    """The help for a case that is meant as `else`."""
    name = next((case.value for case in step.cases if case.value in ("default", "else", "otherwise", "_", "*")), None)
    return (
        None if name is None else f'write `else: […]` next to `cases`: inside `cases`, `{name}` is the string "{name}"'
    )
