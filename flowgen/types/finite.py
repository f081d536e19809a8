"""Finds types without finite values: a record with a required field of the record's own type.

In: JSON Schemas of named types. Out: the types without a finite value, and the responsible field. Never: spans,
messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from flowgen.types.schema import Schema

_DEFINITIONS = "#/$defs/"


@dataclass(frozen=True, slots=True)
class Endless:
    """Why a type has no finite value: its first such field, if it is a record, and the endless types that it names."""

    field: str | None
    needs: tuple[str, ...]


def endless_types(schemas: Mapping[str, Schema]) -> dict[str, Endless]:
    """The types without a finite value, including those that only use such a type."""
    uses = {name: [other for other in _references(schema) if other in schemas] for name, schema in schemas.items()}
    used_by: dict[str, list[str]] = {name: [] for name in schemas}
    for name, others in uses.items():
        for other in others:
            used_by[other].append(name)
    endless = dict.fromkeys(schemas, True)

    def ends(name: str) -> bool:
        return not endless.get(name, False)

    waiting = list(schemas)
    while waiting:
        name = waiting.pop()
        if endless[name] and _ends(schemas[name], ends):
            endless[name] = False
            waiting += used_by[name]
    found = {}
    for name in (one for one, never in endless.items() if never):
        fields = list(_endless_of(schemas[name], ends))
        needs = tuple(dict.fromkeys(other for other in uses[name] if endless[other]))
        found[name] = Endless(fields[0] if fields else None, needs)
    return found


def _ends(schema: object, ends: Callable[[str], bool]) -> bool:
    """Whether a schema has a finite value, assuming that the named types for which `ends` is true have one."""
    if not isinstance(schema, dict):
        return True
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith(_DEFINITIONS):
        name = reference.removeprefix(_DEFINITIONS)
        if name not in schema.get("$defs", {}) and not ends(name):
            return False
    if not all(_ends(option, ends) for option in schema.get("allOf", ())):
        return False
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema and not any(_ends(option, ends) for option in schema[keyword]):
            return False
    if schema.get("minItems", 0) > 0 and not _ends(schema.get("items"), ends):
        return False
    return not any(True for _ in _endless_of(schema, ends))


def _endless_of(schema: Schema, ends: Callable[[str], bool]) -> Iterator[str]:
    """The required fields of a schema without a finite value."""
    properties = schema.get("properties", {})
    for field in schema.get("required", ()):
        if field in properties and not _ends(properties[field], ends):
            yield field


def _references(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference.startswith(_DEFINITIONS):
            yield reference.removeprefix(_DEFINITIONS)
        for inner in schema.values():
            yield from _references(inner)
    elif isinstance(schema, list | tuple):
        for inner in schema:
            yield from _references(inner)
