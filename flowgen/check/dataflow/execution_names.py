"""The types of execution names: what AWS rejects whatever the value is."""

from __future__ import annotations

from collections.abc import Callable

from flowgen.check.dataflow.values import Teller, place_of
from flowgen.diagnostics import Span
from flowgen.model import Expression, Value, expressions_in
from flowgen.types import TEXT_TYPE, Type

_REFUSED_FORMATS = frozenset({"date-time", "time", "uri"})
"""Formats whose values always contain a character that is not allowed."""


def check_execution_name(
    teller: Teller, name: Value, where: Span, found: Type, type_of: Callable[[Expression], Type], example: str
) -> None:
    """FG302: a name that is not a string, or contains a value whose format AWS rejects in a name.

    `example` is what to use instead of such a value.
    """
    teller.fit(name, where, found, TEXT_TYPE, "the name of an execution", None)
    for expression in expressions_in(name):
        refused = _REFUSED_FORMATS & type_of(expression).formats
        if refused:
            teller.tell(
                "FG302",
                f"this is `{min(refused)}`, whose characters AWS does not allow in the name of an execution",
                place_of(expression),
                help_=f"use a value of letters, digits, `-` and `_`, such as {example}",
            )
