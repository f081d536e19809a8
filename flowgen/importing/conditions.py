"""Conditions that compare a value with a literal."""

from __future__ import annotations

from typing import Any

from flowgen.importing.expressions import CannotExpressError, parsed
from flowgen.jsonata import tree


def equality(condition: str) -> tuple[str, Any] | None:
    """The value and the literal of a comparison; None for any other condition.

    >>> equality("$job.status = 'DONE'")
    ('$job.status', 'DONE')
    """
    try:
        syntax = parsed(condition)
    except CannotExpressError:
        return None
    node = syntax.tree
    if not isinstance(node, tree.Binary) or not isinstance(node.right, tree.Literal):
        return None
    tokens = syntax.tokens
    if len(tokens) < 3 or condition[tokens[-2].start : tokens[-2].end] != "=":  # noqa: PLR2004 - `$x = 1`
        return None
    subject = condition[: tokens[-2].start].strip()
    if any(condition[token.start : token.end] in ("and", "or", "=", "!=", "<", ">", "in") for token in tokens[:-2]):
        return None
    return subject, node.right.value
