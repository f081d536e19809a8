"""`overrides`: properties and attributes that replace those of generated resources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final

from flowgen.model.accepts import mapping
from flowgen.model.cloudformation import RESOURCE_KEYS
from flowgen.model.element import Read, Reading
from flowgen.source import Entry, Mapping, Node, Scalar, Text, kind_of

ATTRIBUTES: Final = tuple(key for key in RESOURCE_KEYS if key not in ("Type", "Properties"))
"""CloudFormation template reference, "Resource attribute reference"."""

PROPERTIES: Final = "Properties"
"""Has the properties that have the name of an attribute."""

_PROPERTY = re.compile(r"[A-Za-z0-9:_-]+(\.[A-Za-z0-9:_-]+)*")
_TARGET = re.compile(r"(\*|\w+)(\.(\*|\w+))*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Override:
    """What replaces parts of one resource, or of several if its path contains `*`.

    `target` is as it was written, `path` is its meaning in a workflow: a logical id or a path, such as
    `functions.charge.role`. `key` is the last key that names it. The keys of `attributes` are in `ATTRIBUTES`, those of
    `properties` are paths such as `LoggingConfig.SystemLogLevel`.
    """

    target: str
    path: str
    key: Scalar
    attributes: tuple[Entry, ...]
    properties: tuple[Entry, ...]
    of_project: bool = False
    """Whether it is in the project's settings file."""
    elsewhere: bool = False
    """Whether its resource may belong to a workflow that the command does not read."""

    @property
    def identity(self) -> tuple[Text, int, str]:
        """The same for an override of a file that several workflows read. Its span may take long to find."""
        return self.key.origin, self.key.start, self.path

    @property
    def entries(self) -> tuple[Entry, ...]:
        return (*self.attributes, *self.properties)


def read_overrides(node: Node, reading: Reading) -> tuple[Override, ...]:
    """The overrides of a file, one for each target (FG102, FG107).

    A path is written with dots or as nested mappings. Properties start with an upper-case letter, so a key in lower
    case continues the path.
    """
    if not isinstance(node, Mapping):
        raise reading.refuse(
            "FG102",
            f"`overrides` must be a mapping of resources to properties, not {kind_of(node)}",
            node,
            help="example: `functions.charge: {ReservedConcurrentExecutions: 5}`",
        )
    return tuple(override for entry in node.entries for override in _read("", entry, reading))


def _read(prefix: str, entry: Entry, reading: Reading) -> Iterator[Override]:
    target = f"{prefix}{entry.key.text}"
    if not _TARGET.fullmatch(target):
        message = f"`{target}` is not a valid resource: write a logical id, or a path such as `functions.charge.role`"
        raise reading.refuse("FG107", message, entry.key)
    if not isinstance(entry.value, Mapping):
        raise reading.refuse("FG102", f"an override must be a mapping, not {kind_of(entry.value)}", entry.value)
    attributes: list[Entry] = []
    properties: list[Entry] = []
    for inner in entry.value.entries:
        name = inner.key.text
        if _continues(inner):
            yield from _read(f"{target}.", inner, reading)
        elif name == PROPERTIES:
            if not isinstance(inner.value, Mapping):
                raise reading.refuse(
                    "FG102", f"`Properties` must be a mapping, not {kind_of(inner.value)}", inner.value
                )
            properties += inner.value.entries
        else:
            (attributes if name in ATTRIBUTES else properties).append(inner)
    for property_entry in properties:
        if not _PROPERTY.fullmatch(property_entry.key.text):
            message = f"`{property_entry.key.text}` is not a valid property: write a name, or a path such as `A.B.0`"
            raise reading.refuse("FG107", message, property_entry.key)
    if attributes or properties:
        yield Override(target, target, entry.key, tuple(attributes), tuple(properties))


def _continues(entry: Entry) -> bool:
    """Whether a key belongs to the path of the resource."""
    first = entry.key.text[:1]
    return isinstance(entry.value, Mapping) and (first in ("*", "_") or first.islower())


OverridesField = Annotated[
    tuple[Override, ...],
    Read(
        read_overrides,
        "Replaces properties and attributes of generated resources, by logical id or path: `functions.charge.role`.",
        accepts=mapping({"type": "object"}),
    ),
]
