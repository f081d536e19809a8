"""Reads fields of a definition, checks their types, and reports a wrong type with its JSON pointer."""

from __future__ import annotations

from collections.abc import Mapping

from flowgen.local.failures import InvalidDefinition
from flowgen.local.values import JSON, is_number


def as_text(value: JSON, pointer: str) -> str:
    """A string."""
    if not isinstance(value, str):
        raise InvalidDefinition(pointer, "expected a string")
    return value


def as_object(value: JSON, pointer: str) -> Mapping[str, JSON]:
    """An object."""
    if not isinstance(value, Mapping):
        raise InvalidDefinition(pointer, "expected an object")
    return value


def as_array(value: JSON, pointer: str) -> list[JSON]:
    """An array."""
    if not isinstance(value, list):
        raise InvalidDefinition(pointer, "expected an array")
    return value


def as_number(value: JSON, pointer: str, least: float = 0) -> float:
    """A number that is at least `least`."""
    if not is_number(value) or value < least:
        raise InvalidDefinition(pointer, f"expected a number of at least {least:g}")
    number: float = value
    return number


def as_error_names(entry: Mapping[str, JSON], pointer: str) -> frozenset[str]:
    """The names of ErrorEquals."""
    names = as_array(required(entry, "ErrorEquals", pointer), f"{pointer}/ErrorEquals")
    return frozenset(as_text(name, f"{pointer}/ErrorEquals") for name in names)


def required(entry: Mapping[str, JSON], name: str, pointer: str) -> JSON:
    """A required field."""
    if name not in entry:
        raise InvalidDefinition(pointer, f"the field {name} is missing")
    return entry[name]


def entries(state: Mapping[str, JSON], name: str, pointer: str) -> list[tuple[Mapping[str, JSON], str]]:
    """The objects of an array such as Retry or Catch, each with its JSON pointer. Empty if the array is missing."""
    written = as_array(state.get(name, []), f"{pointer}/{name}")
    places = [f"{pointer}/{name}/{index}" for index in range(len(written))]
    return [(as_object(entry, place), place) for entry, place in zip(written, places, strict=True)]
