"""Decisions about generated data: made by a seed, recorded, and replaced one by one to reach more or to simplify."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowgen.comparing.shapes import Shape


@dataclass(frozen=True, slots=True)
class Plan:
    """The data of one comparison.

    `fixed` are decisions by their place; `seed` makes all others, or the first option is taken if it is None. The
    first option of a decision is the simplest one. `example` is the index of the example input, if there is one.
    """

    seed: int | None
    fixed: Mapping[str, int] = field(default_factory=dict)
    example: int | None = None


class Decisions:
    """The decisions of a plan, as far as somebody asked for them."""

    __slots__ = ("_plan", "made", "shapes", "wild")

    def __init__(self, plan: Plan, *, wild: bool = False) -> None:
        self._plan = plan
        self.wild = wild
        """Whether values may have types that no state expects."""
        self.made: dict[str, tuple[int, int]] = {}
        """For each place the option that was taken, and the number of options."""
        self.shapes: dict[str, dict[str, Shape]] = {}
        """The shapes of the parts of each value that was generated, by the place of the value and of the part."""

    def choose(self, place: str, weights: Sequence[int]) -> int:
        """The option at a place: its index in `weights`. The same place always has the same option."""
        option = self._plan.fixed.get(place)
        if option is None or option >= len(weights):
            option = 0 if self._plan.seed is None else _drawn(f"{self._plan.seed}/{place}", weights)
        self.made[place] = (option, len(weights))
        return option


def _drawn(key: str, weights: Sequence[int]) -> int:
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    point = int.from_bytes(digest, "big") % sum(weights)
    for option, weight in enumerate(weights):
        point -= weight
        if point < 0:
            return option
    return 0


def digest(text: str) -> str:
    """A short name for a string, the same in every process."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
