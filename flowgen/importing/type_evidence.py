"""What is known about the type of a value, from what a state machine reads and from values that were observed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from flowgen.comparing.shapes import Shape

JSON = Any

_KINDS = {"string": "string", "number": "number", "seconds": "integer", "boolean": "boolean", "timestamp": "date-time"}
_DEEPEST = 8
_LONGEST = 50
"""Most characters of a type's name, with room for a number: a name has at most 60."""

_WORD = re.compile(r"[A-Za-z0-9]+")


@dataclass(slots=True)
class Evidence:
    """Evidence about one value: the kinds that it has, the fields of an object, the items of a list.

    `objects` counts the observed objects, and `seen` the observed values of this field.
    """

    kinds: set[str] = field(default_factory=set)
    fields: dict[str, Evidence] = field(default_factory=dict)
    item: Evidence | None = None
    optional: bool = False
    objects: int = 0
    seen: int = 0

    def add_shape(self, shape: Shape, around: tuple[Shape, ...] = ()) -> None:
        """Add what states read. `around` are the shapes that contain it: data that flows in a loop is recursive."""
        shape = shape.find()
        if len(around) > _DEEPEST or any(shape is outer.find() for outer in around):
            return
        inside = (*around, shape)
        self.optional |= shape.optional
        self.kinds |= {_KINDS[kind] for kind in shape.kinds if kind in _KINDS}
        self.kinds |= {_kind(value) for value in shape.literals}
        if shape.nullable:
            self.kinds.add("null")
        for name, member in shape.members.items():
            self.fields.setdefault(name, Evidence()).add_shape(member, inside)
        if shape.is_list:
            self.item = self.item or Evidence()
            self.item.add_shape(shape.item, inside)

    def add_value(self, value: JSON, depth: int = 0) -> None:
        """Add an observed value."""
        self.seen += 1
        if isinstance(value, dict) and depth <= _DEEPEST:
            self.objects += 1
            for name, member in value.items():
                self.fields.setdefault(name, Evidence()).add_value(member, depth + 1)
        elif isinstance(value, list) and depth <= _DEEPEST:
            self.item = self.item or Evidence()
            for item in value:
                self.item.add_value(item, depth + 1)
        else:
            self.kinds.add(_kind(value))

    def move_into_items(self) -> None:
        """Give the fields of a list to its items: JSONata reads a field of a list from each item."""
        if self.item is None or self.objects:
            return
        for name, member in self.fields.items():
            self.item.fields.setdefault(name, member)
        self.fields = {}

    def is_optional(self, name: str) -> bool:
        """Whether an object may lack a field: an observed object did, or a state tests whether it is present."""
        member = self.fields[name]
        return member.optional or member.seen < self.objects


def _kind(value: JSON) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    return "number" if isinstance(value, float) else "string"


def type_name(text: str) -> str:
    """A name of a type: `OrderLine` of `order line` or `order.line`."""
    words = [word[0].upper() + word[1:] for word in _WORD.findall(text)]
    while len(words) > 1 and sum(map(len, words)) > _LONGEST:
        # The last words say what the value is, the first ones where it is.
        del words[0]
    name = "".join(words)[:_LONGEST]
    return name if name[:1].isalpha() else f"Type{name}"
