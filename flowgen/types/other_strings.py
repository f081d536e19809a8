"""Strings other than some known ones, such as the names of errors that no function declares.

Such a set is a format: it is assignable to a string, and never equals one of the excluded strings.
"""

from __future__ import annotations

from collections.abc import Iterable

from flowgen.types.algebra import Type

_MARK = "\n"


def other_than(names: Iterable[str]) -> Type:
    """Every string that is not one of `names`."""
    return Type(formats=frozenset({_MARK + _MARK.join(sorted(names))}))


def is_other(format_: str) -> bool:
    """Whether a format was made by `other_than`."""
    return format_.startswith(_MARK)


def leaves_out(format_: str, value: str) -> bool:
    """Whether a format was made by `other_than`, and `value` is one of the names."""
    return is_other(format_) and value in format_.split(_MARK)[1:]
