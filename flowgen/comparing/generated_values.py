"""Values of shapes: what a machine reads is present, and takes the values that its conditions mention."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flowgen.asl.json_text import is_number
from flowgen.comparing.conditions import ABSENT, Demand
from flowgen.comparing.decisions import Decisions
from flowgen.comparing.shapes import Shape
from flowgen.local.frame import START
from flowgen.local.values import JSON, encode

_DEEPEST = 12
_LARGEST = 250
"""Most parts of one value. Recursive shapes and lists in lists would grow without a limit."""

_TEXTS = ("a", "b", "", "a longer text, with ünicode")
_NUMBERS = (1, 0, 2, -1, 3.5, 100)
_SECONDS = (1, 2, 5, 60)
_MOMENTS = (60, 0, -3600, 86_400)
"""Seconds from the start of the virtual clock."""


def value_of(shape: Shape, decisions: Decisions, place: str) -> JSON:
    """A value of a shape. `place` names it in the decisions."""
    return _Generator(decisions, place).value(shape, place, 0)


class _Generator:
    """Builds one value of limited size."""

    def __init__(self, decisions: Decisions, place: str) -> None:
        self._choose = decisions.choose
        self._shapes = decisions.shapes.setdefault(place, {})
        self._left = _LARGEST
        self._wild = decisions.wild
        self._sparse = decisions.choose("sparse", (5, 1)) == 1

    def value(self, shape: Shape, place: str, depth: int) -> JSON:
        """A value of a shape."""
        self._left -= 1
        shape = shape.find()
        self._shapes[place] = shape
        if shape.nullable and self._choose(f"{place}?null", (3, 1)):
            return None
        structures = _structures(shape)
        if not structures:
            return self._scalar(shape, place)
        scalars = _options(shape) if shape.mentioned else []
        weights = [8] * len(structures) + ([1] if scalars else [])
        chosen = self._choose(f"{place}?form", weights) if len(weights) > 1 else 0
        if chosen == len(structures):
            return self._scalar(shape, place)
        match structures[chosen]:
            case "list":
                return self._list(shape, place, depth)
            case "text":
                return encode(self.value(shape.text_of, f"{place}(json)", depth + 1)) if depth < _DEEPEST else ""
            case _:
                return self._object(shape, place, depth)

    def _object(self, shape: Shape, place: str, depth: int) -> dict[str, JSON]:
        value: dict[str, JSON] = {}
        if depth > _DEEPEST:
            return value
        for name, member in sorted(shape.members.items()):
            here = f"{place}.{name}"
            self._shapes[here] = member
            # Most members are always present: a missing one only shows what fails.
            weights = (2, 1) if member.optional else (9, 1) if self._sparse else (1, 0)
            if not self._choose(f"{here}?absent", weights) and (self._left > 0 or not _structures(member)):
                value[name] = self.value(member, here, depth + 1)
        return value

    def _list(self, shape: Shape, place: str, depth: int) -> list[JSON]:
        if depth > _DEEPEST or self._left <= 0:
            return []
        item = shape.item
        for name, member in shape.members.items():
            # An expression that reads a member of a list reads it from each item.
            item.member(name).unify(member)
        least = max(shape.length, 1)
        length = (least, least + 1, least + 2, 0)[self._choose(f"{place}?length", (3, 4, 2, 1))]
        return [self.value(item, f"{place}[{index}]", depth + 1) for index in range(length)]

    def _scalar(self, shape: Shape, place: str) -> JSON:
        options = _options(shape)
        if self._wild:
            options = [*options, "text" if all(not isinstance(option, str) for option in options) else 7]
        return options[self._choose(f"{place}?value", [1] * len(options)) if len(options) > 1 else 0]


def satisfying(shape: Shape, place: str, demands: Sequence[Demand]) -> dict[str, int] | None:
    """The decisions that make the value at a place meet all demands, or None if no option does."""

    def holds(value: Any) -> bool:
        return all(demand.holds(value) for demand in demands)

    if holds(ABSENT):
        return {f"{place}?absent": 1}
    present = {f"{place}?absent": 0}
    if shape.nullable:
        if holds(None):
            return {**present, f"{place}?null": 1}
        present[f"{place}?null"] = 0
    structures = _structures(shape)
    options = _options(shape) if shape.mentioned or not structures else []
    for index, option in enumerate(options):
        if holds(option):
            return {**present, f"{place}?form": len(structures), f"{place}?value": index}
    empty: dict[str, JSON] = {"list": [], "text": "", "object": {}}
    for index, structure in enumerate(structures):
        if holds(empty[structure]):
            return {**present, f"{place}?form": index}
    return None


def _structures(shape: Shape) -> list[str]:
    found = []
    if shape.members or "object" in shape.kinds:
        found.append("object")
    if shape.is_list:
        found.append("list")
    if shape.is_json_text:
        found.append("text")
    return found


def _options(shape: Shape) -> list[JSON]:
    """The values that a place without members may have, those that conditions mention first."""
    literals, kinds = shape.literals, shape.kinds
    options: list[Any] = list(literals)
    numbers = [value for value in literals if is_number(value)]
    options += [value + 1 for value in numbers] + [value - 1 for value in numbers]
    if any(isinstance(value, bool) for value in literals) or "boolean" in kinds:
        options += [True, False]
    if "timestamp" in kinds:
        options += [(START + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z") for seconds in _MOMENTS]
    if "seconds" in kinds:
        options += _SECONDS
    if "number" in kinds and not numbers:
        options += _NUMBERS
    if any(isinstance(value, str) for value in literals):
        options += ["other"]
    if not options or ("string" in kinds and not any(isinstance(value, str) for value in options)):
        options += _TEXTS
    distinct = {encode(value): value for value in options}
    return list(distinct.values())
