"""What the steps of a path pass to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowgen.types import NEVER, Type
from flowgen.types.algebra import Array


@dataclass(frozen=True, slots=True)
class Items:
    """What a step passes to the next: `single` is exactly one item, `stream` is a list of items.

    `absent` is the result of the path if a step returned nothing.
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
