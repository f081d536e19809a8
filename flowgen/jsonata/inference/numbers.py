"""A number for each type: equal types have the same number.

Comparing two types that share their parts takes time exponential in their depth. This visits each object once.
"""

from __future__ import annotations

from collections.abc import Hashable

from flowgen.types import Type
from flowgen.types.algebra import Array, Object, Part


class Numbers:
    """The numbers assigned so far."""

    __slots__ = ("_by_content", "_by_id")

    def __init__(self) -> None:
        self._by_content: dict[Hashable, int] = {}
        self._by_id: dict[int, tuple[Type, int]] = {}

    def __call__(self, type_: Type) -> int:
        found = self._by_id.get(id(type_))
        if found is None:
            parts = frozenset(self._part(part) for part in type_.parts) if type_.parts else None
            content = type_.atoms, type_.literals, type_.formats, parts
            # Stored with its number: Python may reuse the id of a deleted object.
            found = self._by_id[id(type_)] = type_, self._by_content.setdefault(content, len(self._by_content))
        return found[1]

    def _part(self, part: Part) -> Hashable:
        if isinstance(part, Array):
            return tuple(map(self, part.prefix)), self(part.rest), part.least, part.most, part.kind
        if isinstance(part, Object):
            return frozenset((name, self(field)) for name, field in part.fields.items()), self(part.rest)
        return part
