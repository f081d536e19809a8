"""The memory of a comparison of two types, which makes it polynomial whatever parts the types share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from flowgen.types.algebra import Declaration, Reference, Type
from flowgen.types.mismatch import Doubt, Mismatch, Path

_MAX_DOUBTS = 100
"""Most doubts of a comparison. Types that share their parts have exponentially many paths."""

Key: TypeAlias = tuple[object, ...]


@dataclass(slots=True)
class Comparison:
    """The state of one comparison.

    A pair of types is compared once, however many paths lead to it. A pair that fits under the assumption that an
    enclosing pair fits is forgotten if the enclosing pair does not. A pair that fails under assumptions never fits.
    """

    doubts: list[Doubt] | None
    exact: bool = False
    """Whether formats and lengths must fit, too."""
    assumed: set[Key] = field(default_factory=set)
    fitting: dict[Key, tuple[int, list[Doubt], Type, Type]] = field(default_factory=dict)
    """Pairs that fit: the depth at which they were compared, their doubts, and the types, whose ids the keys hold."""
    failing: dict[Key, tuple[int, Mismatch, Type, Type]] = field(default_factory=dict)
    trail: list[Key] = field(default_factory=list)
    """The pairs of `fitting` in the order in which they were added."""
    declaration: Declaration | None = None
    variants: int = 0
    """The number of variants of the outermost object that is being split."""
    sketch: Comparison | None = None
    """A comparison without doubts that selects the message for a sequence."""

    def doubt(self, path: Path, source: Type, target: Type) -> None:
        if self.doubts is not None and len(self.doubts) < _MAX_DOUBTS:
            self.doubts.append(Doubt(path, source, target))


def key(type_: Type) -> Key:
    """The identity of a type: references by name, other parts by id, so that equal unions share a key."""
    parts = (part if type(part) is Reference else id(part) for part in type_.parts)
    return (type_.atoms, type_.literals, type_.formats, *parts)
