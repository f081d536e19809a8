"""The keys under which facts about expressions are kept, and the variables that a fact depends on.

This module is apart from `same_value` because a workflow without expressions needs no syntax trees.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from flowgen.types import Type

PREFIX = "$"
"""What stands before the text of an expression, which is in parentheses, in the key of a fact about it."""


class Variables(dict[str, Type]):
    """The types of variables, and facts about expressions by their keys, of which `facts` has a list.

    A workflow has many variables and few facts: nothing should have to look through all of them for these.
    """

    __slots__ = ("facts",)

    def __init__(self, entries: Mapping[str, Type], facts: frozenset[str] | None = None) -> None:
        super().__init__(entries)
        self.facts = frozenset(filter(is_fact, self)) if facts is None else facts


def is_fact(name: str) -> bool:
    """Whether an entry among variables is a fact about an expression, and not a variable."""
    return name.startswith(("$(", "@"))


def length_of_expression(key: str) -> int:
    """How long the text is, parentheses included, of the expression that a fact is about."""
    return key.rindex(")") + 1 - key.index("(")


def mentions(key: str, variable: str) -> bool:
    """Whether a fact depends on a variable."""
    return is_fact(key) and f"${variable}" in key and _reference(variable).search(key) is not None


@lru_cache(maxsize=1024)
def _reference(variable: str) -> re.Pattern[str]:
    return re.compile(rf"\${re.escape(variable)}(?!\w)")
