"""What the steps of a path hand to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowgen.types import NEVER, Type
from flowgen.types.algebra import Array


@dataclass(frozen=True, slots=True)
class Items:
    """What a step hands to the next: `single` where it is exactly one item, `stream` where it is a list of them.

    `absent` is what the path already is where a step gave nothing.
    """

    single: Type
    stream: Array | None
    absent: Type = NEVER


@dataclass(frozen=True, slots=True)
class Tuples:
    """Items that carry variables (`@`, `#` and `%`)."""

    item: Type
    variables: Mapping[str, Type]
    least: int
    most: int | None
