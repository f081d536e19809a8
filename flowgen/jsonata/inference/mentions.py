"""The keys of facts about expressions, and the variables that a fact depends on.

This module is separate from `same_value` because a workflow without expressions needs no syntax trees.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from flowgen.types import Type

PREFIX = "$"
"""The prefix of the key of a fact, before the text of the expression in parentheses."""


class Variables(dict[str, Type]):
    """The types of variables, and facts about expressions by key; `facts` contains the keys of the facts.

    A workflow has many variables and few facts: finding the facts must not require a search of all variables.
    """

    __slots__ = ("facts",)

    def __init__(self, entries: Mapping[str, Type], facts: frozenset[str] | None = None) -> None:
        super().__init__(entries)
        self.facts = frozenset(filter(is_fact, self)) if facts is None else facts


def is_fact(name: str) -> bool:
    """Whether an entry in variables is a fact about an expression instead of a variable."""
    return name.startswith(("$(", "@"))


def length_of_expression(key: str) -> int:
    """The length of the expression that a fact is about, including parentheses."""
    return key.rindex(")") + 1 - key.index("(")


def mentions(key: str, variable: str) -> bool:
    """Whether a fact depends on a variable."""
    return is_fact(key) and f"${variable}" in key and _reference(variable).search(key) is not None


@lru_cache(maxsize=1024)
def _reference(variable: str) -> re.Pattern[str]:
    return re.compile(rf"\${re.escape(variable)}(?!\w)")
