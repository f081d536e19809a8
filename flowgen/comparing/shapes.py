"""Shapes of the data that a machine reads: the members, items and literals that its paths and conditions mention.

A shape is found by unification: two places between which data flows share one shape, so a Choice on `$.result.status`
tells which literals the result of an earlier task should contain.
"""

from __future__ import annotations

from collections.abc import Iterable

from flowgen.local.values import JSON, encode

_DEEPEST = 60
"""Most levels of members that are tracked. Data that flows in a loop can be recursive."""

_LONGEST = 20
"""Most items of a list that are generated for the sake of an index."""


class Shape:
    """A place of the data, as far as states read it. Places that hold the same data are merged with `unify`."""

    __slots__ = (
        "depth",
        "element",
        "fields",
        "kinds",
        "length",
        "mentioned",
        "merged_into",
        "nullable",
        "optional",
        "parsed",
    )

    def __init__(self, depth: int = 0) -> None:
        self.merged_into: Shape | None = None
        self.fields: dict[str, Shape] = {}
        self.element: Shape | None = None
        self.mentioned: dict[str, JSON] = {}
        self.parsed: Shape | None = None
        self.depth = depth
        self.length = 0
        """The length that a list needs, so that each index that is read exists."""
        self.kinds: set[str] = set()
        self.nullable = False
        self.optional = False

    def find(self) -> Shape:
        """The shape that this one was merged into, or itself."""
        shape = self
        while shape.merged_into is not None:
            if shape.merged_into.merged_into is not None:
                shape.merged_into = shape.merged_into.merged_into
            shape = shape.merged_into
        return shape

    def member(self, name: str) -> Shape:
        """The shape of a member, which is created the first time."""
        shape = self.find()
        if shape.depth > _DEEPEST:
            return shape
        if name not in shape.fields:
            shape.fields[name] = Shape(shape.depth + 1)
        return shape.fields[name].find()

    def has_member(self, name: str) -> bool:
        """Whether anything reads or writes this member."""
        return name in self.find().fields

    @property
    def members(self) -> dict[str, Shape]:
        """The known members by name."""
        return {name: member.find() for name, member in self.find().fields.items()}

    @property
    def item(self) -> Shape:
        """The shape of the items of a list, which is created the first time."""
        shape = self.find()
        if shape.element is None:
            if shape.depth > _DEEPEST:
                return shape
            shape.element = Shape(shape.depth + 1)
        return shape.element.find()

    @property
    def is_list(self) -> bool:
        """Whether anything reads items of it."""
        return self.find().element is not None

    def at(self, index: int) -> Shape:
        """The shape of the item at an index, from the end if it is negative."""
        shape = self.find()
        shape.length = max(shape.length, min(index + 1 if index >= 0 else -index, _LONGEST))
        return shape.item

    @property
    def text_of(self) -> Shape:
        """The shape of the value whose JSON text this is, which is created the first time."""
        shape = self.find()
        if shape.parsed is None:
            if shape.depth > _DEEPEST:
                return shape
            shape.parsed = Shape(shape.depth + 1)
        return shape.parsed.find()

    @property
    def is_json_text(self) -> bool:
        """Whether anything parses it as JSON."""
        return self.find().parsed is not None

    @property
    def literals(self) -> list[JSON]:
        """The values that it is compared with, or that are written to it."""
        return list(self.find().mentioned.values())

    def mention(self, *values: JSON) -> None:
        """Add values that it is compared with."""
        shape = self.find()
        for value in values:
            shape.mentioned.setdefault(encode(value), value)

    def is_kind(self, kind: str) -> Shape:
        """Record that it is read as a "string", "number", "seconds", "boolean", "timestamp" or "object"."""
        self.find().kinds.add(kind)
        return self

    def unify(self, other: Shape) -> Shape:
        """Merge two shapes, with everything inside them."""
        pending = [(self, other)]
        while pending:
            left, right = (shape.find() for shape in pending.pop())
            if left is right:
                continue
            if right.depth < left.depth:
                left, right = right, left
            right.merged_into = left
            for name, member in right.fields.items():
                if name in left.fields:
                    pending.append((left.fields[name], member))
                else:
                    left.fields[name] = member
            for key, value in right.mentioned.items():
                left.mentioned.setdefault(key, value)
            left.kinds |= right.kinds
            left.optional |= right.optional
            left.nullable |= right.nullable
            left.length = max(left.length, right.length)
            if right.element is not None:
                if left.element is None:
                    left.element = right.element
                else:
                    pending.append((left.element, right.element))
            if right.parsed is not None:
                if left.parsed is None:
                    left.parsed = right.parsed
                else:
                    pending.append((left.parsed, right.parsed))
        return self.find()


def list_of(item: Shape) -> Shape:
    """A list of items of this shape."""
    shape = Shape()
    shape.item.unify(item)
    return shape


def object_of(members: Iterable[tuple[str, Shape]]) -> Shape:
    """An object with these members."""
    shape = Shape().is_kind("object")
    for name, member in members:
        shape.member(name).unify(member)
    return shape


def literal(value: JSON) -> Shape:
    """The shape of a value that the definition contains."""
    if isinstance(value, dict):
        return object_of((name, literal(member)) for name, member in value.items())
    if isinstance(value, list):
        shape = Shape()
        for item in value:
            shape.item.unify(literal(item))
        return shape
    shape = Shape()
    shape.mention(value)
    return shape
