"""Durations and numbers that an expression may compute when the workflow runs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, TypeAlias

from flowgen.model.accepts import TEXT, Schema
from flowgen.model.element import Read, Reading
from flowgen.model.leaves import DURATION, Duration, Fraction, Whole, read_duration
from flowgen.model.values import Expression, read_expression
from flowgen.source import Node, Scalar

Seconds: TypeAlias = Duration | Expression
"""A duration, or an expression that returns whole seconds."""

IN_BRACES: Schema = {"type": "string", "pattern": "\\$\\{"}


def in_braces(node: Node) -> str | None:
    """The help for an expression without its braces."""
    text = node.text.strip() if isinstance(node, Scalar) else ""
    return f'write `"${{ {text} }}"`' if re.match(r"\$\w", text) else None


def read_seconds(node: Node, reading: Reading) -> Seconds:
    """`90s`, or `${ $input.seconds }`. Here the braces are required: without them, the string is a duration."""
    if isinstance(node, Scalar) and isinstance(node.value, str) and "${" in node.value:
        return read_expression(node, reading)
    help_ = in_braces(node)
    if help_ is not None:
        message = "an expression must be in `${ }` here"
        raise reading.refuse("FG106", message, node, help=f"{help_}, a number of seconds")
    return read_duration(node, reading)


SecondsField = Annotated[Seconds, Read(read_seconds, accepts={"anyOf": [DURATION, IN_BRACES]})]


@dataclass(frozen=True, slots=True)
class OrExpression:
    """Reads a number between two bounds, or an expression that returns one; its `${ }` is optional."""

    number: Whole | Fraction

    @property
    def accepts(self) -> Schema:
        return {"anyOf": [self.number.accepts, TEXT]}

    def __call__(self, node: Node, reading: Reading) -> float | Expression:
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return read_expression(node, reading)
        return self.number(node, reading)
