"""The values in the type of a function: what a call of it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowgen.jsonata.inference.frame import Frame
from flowgen.jsonata.tree import Lambda, Transform
from flowgen.types import Type


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """A lambda with the frame and the context of its definition, and its bound arguments."""

    node: Lambda
    frame: Frame
    context: Type
    bound: Mapping[str, Type]
    parameters: tuple[str, ...]
    signature: str | None
    partial: bool = False


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A function that JSONata or Step Functions defines."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class PartialBuiltIn:
    """A built-in function with some arguments bound (None is open); it no longer validates its arguments."""

    name: str
    arguments: tuple[Type | None, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """`f ~> g`."""

    first: Type
    then: Type


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """A regular expression, which is a function of a string."""


@dataclass(frozen=True, slots=True, eq=False)
class Transformer:
    """`|…|…|`."""

    node: Transform
    frame: Frame
