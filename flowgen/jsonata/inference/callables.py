"""The values that the type of a function holds: what is called when the function is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowgen.jsonata.inference.frame import Frame
from flowgen.jsonata.tree import Lambda, Transform
from flowgen.types import Type


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """A lambda with the frame and the context that it was made in, and the arguments that it has already."""

    node: Lambda
    frame: Frame
    context: Type
    bound: Mapping[str, Type]
    parameters: tuple[str, ...]
    signature: str | None
    partial: bool = False


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A function of JSONata's or Step Functions'."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class PartialBuiltIn:
    """One of these with some arguments given (None is still open); it does not look at its arguments any more."""

    name: str
    arguments: tuple[Type | None, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """`f ~> g`."""

    first: Type
    then: Type


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """A regular expression, which is a function of a text."""


@dataclass(frozen=True, slots=True, eq=False)
class Transformer:
    """`|…|…|`."""

    node: Transform
    frame: Frame
