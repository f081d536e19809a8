"""The names of a workflow: ids of steps, functions and branches."""

from __future__ import annotations

import re
from keyword import kwlist

from flowgen.model.leaves import MAX_NAME, RESERVED
from flowgen.model.python_names import RESERVED_FUNCTIONS

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z0-9]+")


def snake_case(text: str) -> str:
    """A name in snake_case: lower-case letters and digits, the first a letter.

    >>> snake_case("GetJob Status?"), snake_case("S3 Upload"), snake_case("2nd try")
    ('get_job_status', 's3_upload', 'step_2nd_try')
    """
    words = [word.lower() for word in _WORD.findall(text)]
    name = "_".join(words) or "step"
    if not name[0].isalpha():
        name = f"step_{name}"
    return name[: MAX_NAME - 10].rstrip("_")


_UNUSABLE = frozenset({*RESERVED, *RESERVED_FUNCTIONS, *kwlist, "generated"})


class Names:
    """Allocates names that are unique and not reserved."""

    def __init__(self, taken: frozenset[str] = frozenset()) -> None:
        self._taken = {*taken, *_UNUSABLE}

    def reserve(self, name: str) -> None:
        """Makes a name unavailable."""
        self._taken.add(name)

    def take(self, wanted: str, suffix: str = "step") -> str:
        """A free name for a wanted one. A reserved name gets a suffix, and one that is taken a number."""
        base = snake_case(wanted)
        if base in _UNUSABLE:
            base = f"{base}_{suffix}"
        name, number = base, 1
        while name in self._taken:
            number += 1
            name = f"{base}_{number}"
        self._taken.add(name)
        return name
