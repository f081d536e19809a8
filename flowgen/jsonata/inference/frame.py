"""The variables in scope during inference."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flowgen.jsonata.inference.mentions import is_fact, length_of_expression, mentions
from flowgen.types import Type, union


class Frame:
    """The variables of one block or call, and those of its parents.

    `narrowed` contains what the surrounding condition says about variables, until they are bound again, and facts about
    other expressions by key (`mentions`). `call_context` is the context of the call to which a lambda's frame belongs;
    tail calls use it.
    """

    __slots__ = ("bindings", "call_context", "narrowed", "parent")

    def __init__(
        self, parent: Frame | None = None, bindings: Mapping[str, Type] | None = None, call_context: Type | None = None
    ) -> None:
        self.parent = parent
        self.bindings: dict[str, Type] = dict(bindings) if bindings else {}
        self.narrowed: dict[str, Type] = {}
        self.call_context = call_context

    def lookup(self, name: str) -> Type | None:
        frame: Frame | None = self
        while frame is not None:
            found = frame.narrowed.get(name)
            if found is None:
                found = frame.bindings.get(name)
            if found is not None:
                return found
            frame = frame.parent
        return None

    def fact(self, key: str) -> Type | None:
        """What a condition has shown about the expression with that key, if its variables are still the same."""
        frame: Frame | None = self
        while frame is not None:
            found = frame.narrowed.get(key) or frame.bindings.get(key)
            if found is not None:
                return found
            if frame.parent is None or any(mentions(key, name) for name in frame.bindings):
                return None
            frame = frame.parent
        return None

    def facts(self, prefix: str) -> dict[str, Type]:
        """All facts whose keys start with `prefix`."""
        found: dict[str, Type] = {}
        frame: Frame | None = self
        while frame is not None:
            for key in frame.narrowed:
                if key.startswith(prefix) and key not in found and (fact := self.fact(key)) is not None:
                    found[key] = fact
            frame = frame.parent
        return found

    def bind(self, name: str, type_: Type) -> None:
        self._forget(name)
        self.bindings[name] = type_

    def _forget(self, name: str) -> None:
        self.narrowed.pop(name, None)
        for key in [key for key in self.narrowed if mentions(key, name)]:
            del self.narrowed[key]

    def state(self, number: Callable[[Type], int], longest: float) -> frozenset[object]:
        """What determines all results of this frame: the types of names and facts, by number, and the bindings.

        Facts about expressions longer than `longest` characters are excluded.
        """
        found: dict[str, tuple[int, int]] = {}
        marks: list[object] = []
        level = 0
        frame: Frame | None = self
        # The outermost frame contains the variables of the workflow, often hundreds, which no expression changes.
        while frame is not None and frame.parent is not None:
            for name, type_ in [*frame.narrowed.items(), *frame.bindings.items()]:
                if name not in found and not (is_fact(name) and length_of_expression(name) > longest):
                    found[name] = number(type_), level
            if frame.bindings or frame.call_context is not None:
                # A binding hides the facts of outer frames.
                context = None if frame.call_context is None else number(frame.call_context)
                marks.append((level, context, frozenset(frame.bindings)))
                level += 1
            frame = frame.parent
        return frozenset([*found.items(), *marks])

    def context_of_call(self) -> Type | None:
        frame: Frame | None = self
        while frame is not None:
            if frame.call_context is not None:
                return frame.call_context
            frame = frame.parent
        return None

    def names(self) -> set[str]:
        found: set[str] = set()
        frame: Frame | None = self
        while frame is not None:
            found |= {name for name in frame.bindings if not is_fact(name) and name != "$"}
            frame = frame.parent
        return found

    def save(self) -> tuple[dict[str, Type], dict[str, Type]]:
        return dict(self.bindings), dict(self.narrowed)

    def restore(self, saved: tuple[dict[str, Type], dict[str, Type]]) -> None:
        self.bindings, self.narrowed = dict(saved[0]), dict(saved[1])

    def join(self, other: dict[str, Type]) -> None:
        """Joins each variable with its type in `other`, the bindings of another path to this point."""
        if other == self.bindings:
            return
        outer = self.parent
        for name in other.keys() | self.bindings.keys():
            unbound = (outer.lookup(name) if outer is not None else None) or _NOTHING
            self.bindings[name] = union(self.bindings.get(name, unbound), other.get(name, unbound))
            self._forget(name)


_NOTHING = Type(1)
