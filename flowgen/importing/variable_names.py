"""Names for the variables that hold parts of the document."""

from __future__ import annotations

import re
from collections.abc import Hashable

from flowgen.model.leaves import MAX_NAME, RESERVED

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+")


def snake_case(text: str) -> str:
    """A name in flowgen's style.

    >>> snake_case("GetOrderStatus"), snake_case("2nd HTTP-call")
    ('get_order_status', 'n2nd_http_call')
    """
    name = re.sub(r"_+", "_", _WORD_START.sub("_", text)).strip("_").lower()
    if not name.isascii() or not name:
        name = re.sub(r"[^a-z0-9_]", "", name).strip("_") or "value"
    return (name if name[0].isalpha() else f"n{name}")[:MAX_NAME].rstrip("_")


class VariableNames:
    """The names of one scope: a machine, a branch or an item processor. Inner scopes cannot reuse outer names.

    `input_name` suggests the name of the variable for the scope's own input.
    """

    def __init__(self, taken: frozenset[str], input_name: str = "input") -> None:
        self.input_name = input_name
        self._taken = set(taken)
        self._names: dict[Hashable, str] = {}

    def has(self, thing: Hashable) -> bool:
        """Whether the thing has a variable."""
        return thing in self._names

    def of(self, thing: Hashable, wanted: str) -> str:
        """The variable of a thing, with its `$`; a free name like `wanted` when the thing is new."""
        found = self._names.get(thing)
        if found is None:
            found = self._free(snake_case(wanted))
            self._names[thing] = found
            self._taken.add(found)
        return f"${found}"

    def _free(self, name: str) -> str:
        if name in RESERVED or name in self._taken:
            suffixes = (["_value"] if name in RESERVED else []) + [f"_{number}" for number in range(2, 100_000)]
            base = name[: MAX_NAME - 8]
            return next(base + suffix for suffix in suffixes if base + suffix not in self._taken)
        return name

    @property
    def taken(self) -> frozenset[str]:
        """All names that an inner scope must avoid."""
        return frozenset(self._taken)
