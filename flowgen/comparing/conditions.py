"""Conditions of Choice rules as demands on values: what to generate so that a rule holds, or does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import chain, islice, product
from typing import Any, Final, TypeAlias

from flowgen.comparing.shapes import Shape


class Absence(Enum):
    """The value of a member that is missing."""

    ABSENT = auto()


ABSENT: Final = Absence.ABSENT

_MOST = 12
"""Most alternatives of one condition."""


@dataclass(frozen=True, slots=True)
class Demand:
    """A value of `shape` for which `holds` is true, or `ABSENT`."""

    shape: Shape
    holds: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Test:
    """A comparison of one value."""

    shape: Shape
    holds: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class All:
    """Conditions that must all hold. Without conditions, nothing is known."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """Conditions of which one must hold."""

    conditions: tuple[Condition, ...]


Condition: TypeAlias = Test | Not | All | Some
UNKNOWN = All(())


def demands(rules: Sequence[Condition], index: int) -> list[tuple[Demand, ...]]:
    """Alternative demands that make the rule at `index` the first that holds; -1 means that no rule holds."""
    before = [_alternatives(Not(rule)) for rule in (rules if index < 0 else rules[:index])]
    wanted = [] if index < 0 else [_alternatives(rules[index])]
    return _combined([*wanted, *before])


def _alternatives(condition: Condition, *, wanted: bool = True) -> list[tuple[Demand, ...]]:
    match condition:
        case Test(shape, holds):
            return [(Demand(shape, holds if wanted else lambda value: not holds(value)),)]
        case Not(inner):
            return _alternatives(inner, wanted=not wanted)
        case All(conditions) | Some(conditions):
            inner_alternatives = [_alternatives(one, wanted=wanted) for one in conditions]
            if isinstance(condition, All) == wanted:
                return _combined(inner_alternatives)
            return list(islice(chain.from_iterable(inner_alternatives), _MOST))


def _combined(parts: Iterable[list[tuple[Demand, ...]]]) -> list[tuple[Demand, ...]]:
    """One alternative of each part, joined."""
    return [tuple(chain.from_iterable(chosen)) for chosen in islice(product(*parts), _MOST)]
