"""Overrides of generated resources, applied last."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flowgen.backends.cloudformation.resources import Declaration
from flowgen.model.overrides import Override
from flowgen.source import JSON, plain


@dataclass(frozen=True, slots=True)
class Resolved:
    """An override, and the pattern of the logical ids of its resources."""

    ids: re.Pattern[str]
    override: Override

    @property
    def breadth(self) -> int:
        """How many names its target leaves open. An override with a smaller number wins."""
        return self.override.target.count("*")


@dataclass(frozen=True, slots=True)
class Overrides:
    """The overrides of a stack in the order in which they apply: a later one replaces what an earlier one set."""

    resolved: tuple[Resolved, ...] = ()

    def of(self, logical_id: str) -> Iterator[Resolved]:
        return (one for one in self.resolved if one.ids.fullmatch(logical_id))

    def applied(self, logical_id: str, declaration: Declaration) -> Declaration:
        """A resource with its overrides. `null` removes a property or attribute.

        A `DeletionPolicy` is also the `UpdateReplacePolicy`, unless the same override has its own: data that outlives
        the stack should outlive a replacement too.
        """
        made = declaration
        for resolved in self.of(logical_id):
            attributes = {entry.key.text: plain(entry.value) for entry in resolved.override.attributes}
            deletion = attributes.get("DeletionPolicy")
            if deletion is not None:
                attributes.setdefault("UpdateReplacePolicy", _ON_REPLACEMENT.get(str(deletion), deletion))
            for name, value in attributes.items():
                made = _replaced(made, (name,), value)
            for entry in resolved.override.properties:
                made = _replaced(made, ("Properties", *entry.key.text.split(".")), plain(entry.value))
        return made if "Properties" not in made or made is declaration else _with_properties_last(made)

    def condition(self, logical_id: str) -> str | None:
        """The condition that overrides set on a resource."""
        found = self.applied(logical_id, {}).get("Condition")
        return found if isinstance(found, str) else None


NONE = Overrides()

_ON_REPLACEMENT = {"RetainExceptOnCreate": "Retain"}
"""`UpdateReplacePolicy` has no `RetainExceptOnCreate`."""


def _with_properties_last(declaration: Declaration) -> Declaration:
    rest = {key: value for key, value in declaration.items() if key != "Properties"}
    return {**rest, "Properties": declaration["Properties"]}


def _replaced(value: Any, path: tuple[str, ...], new: JSON) -> Any:
    """A copy of a value with another value at a path of names and list indexes. None removes what is there."""
    name, rest = path[0], path[1:]
    if isinstance(value, list) and name.isdecimal():
        index = min(int(name[:_DIGITS]), len(value))
        item = _replaced(value[index] if index < len(value) else {}, rest, new) if rest else new
        return [*value[:index], *([] if item is None else [item]), *value[index + 1 :]]
    known: Mapping[str, Any] = value if isinstance(value, dict) else {}
    inner = _replaced(known.get(name, {}), rest, new) if rest else new
    if inner is None:
        return {key: other for key, other in known.items() if key != name}
    return {**known, name: inner}


_DIGITS = 6
"""Digits of a list index that are read: no list of a template is longer."""
