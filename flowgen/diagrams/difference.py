"""Two versions of a workflow as one diagram: the new one, with the removed steps where they were.

In: the structures of both versions, the steps that changed. Out: a structure. Never: what makes a step changed.

Steps are the same if their ids are. A removed step is in the chain of its former neighbors; if its branch or loop no
longer exists, it is in a column at the side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from flowgen.diagrams.structure import Box, Chain, Column, Frame, Guarded, Part, Role, Split, Structure

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
_SIGNS = {ADDED: "+", REMOVED: "-", CHANGED: "~"}


def difference(before: Structure, after: Structure, changed: Mapping[str, str]) -> Structure:
    """One diagram of both versions. `changed` says what differs in steps that both have, by their ids."""
    merge = _Merge(_steps(before.columns), _steps(after.columns), changed)
    columns = merge.columns(before.columns, after.columns)
    left = tuple(part for column in before.columns for part in merge.ghosts(column.chain))
    if left:
        label = Box("removed", Role.LABEL, ("no longer in a branch or loop",))
        columns = (*columns, Column(left, label, entered=False))
    return replace(after, columns=columns)


def only(structure: Structure, status: str) -> Structure:
    """The diagram of a workflow that was added or removed as a whole."""
    every = _steps(structure.columns)
    known: frozenset[str] = frozenset()
    merge = _Merge(every, known, {}) if status == REMOVED else _Merge(known, every, {})
    return replace(structure, columns=tuple(map(merge.column, structure.columns)))


def side_by_side(title: str, structures: Iterable[Structure]) -> Structure:
    """Several diagrams next to each other."""
    return Structure(title, title, tuple(column for one in structures for column in one.columns))


class _Merge:
    """`shown` are the removed steps, and the conditions of such, that have a place in the result."""

    def __init__(self, before: frozenset[str], after: frozenset[str], changed: Mapping[str, str]) -> None:
        self.before, self.after, self.changed = before, after, changed
        self.shown: set[str] = set()

    def columns(self, before: Iterable[Column], after: Iterable[Column]) -> tuple[Column, ...]:
        """Columns are the same if their labels are; of columns without labels, the first ones are."""
        former = {_name(column): column for column in before}
        known = former.pop(None, None)
        merged: list[Column] = []
        for column in after:
            name = _name(column)
            old = known if name is None else former.pop(name, None)
            known = None if name is None else known
            merged.append(self.column(column) if old is None else self.both(old, column))
        for column in former.values():
            left = self.ghosts(column.chain)
            if left:
                merged.append(replace(column, chain=left, label=column.label and _marked(column.label, REMOVED)))
        return tuple(merged)

    def column(self, column: Column) -> Column:
        return replace(column, chain=tuple(map(self.part, column.chain)))

    def both(self, before: Column, after: Column) -> Column:
        """The new column, with each removed step after the step that it followed."""
        places = {key: at for at, part in enumerate(after.chain) if (key := _key(part)) is not None}
        following: dict[int, list[Part]] = {}
        former: dict[int, Part] = {}
        place = 0 if after.chain and _is_start(after.chain[0]) else -1
        for part in before.chain:
            at = places.get(_key(part) or "")
            if at is None:
                following.setdefault(place, []).append(part)
            else:
                former[at], place = part, at
        chain: list[Part] = [ghost for part in following.get(-1, ()) for ghost in self.ghosts((part,))]
        for at, part in enumerate(after.chain):
            chain.append(self.part(part) if at not in former else self.parts(former[at], part))
            chain += (ghost for old in following.get(at, ()) for ghost in self.ghosts((old,)))
        return replace(after, chain=_flowing(chain))

    def parts(self, before: Part, after: Part) -> Part:
        """A step that both versions have. Handlers are at its side in both."""
        old = before.catches if isinstance(before, Guarded) else ()
        new = after.catches if isinstance(after, Guarded) else ()
        catches = self.columns(old, new)
        undo = after.undo if isinstance(after, Guarded) else None
        one, other = _core(before), _core(after)
        merged: Part
        if isinstance(one, Split) and isinstance(other, Split):
            return Split(self.box(other.head), self.columns(one.columns, other.columns))
        if isinstance(other, Split):
            return self.part(other)
        if isinstance(one, Frame) and isinstance(other, Frame):
            last = other.last and (self.both(one.last, other.last) if one.last else self.column(other.last))
            merged = replace(
                other, head=self.box(other.head), columns=self.columns(one.columns, other.columns), last=last
            )
        else:
            merged = self.frame(other) if isinstance(other, Frame) else self.box(other)
        if not catches and undo is None:
            return merged
        return Guarded(merged, undo and self.column(undo), catches)

    def part(self, part: Part) -> Part:
        match part:
            case Box():
                return self.box(part)
            case Split():
                return Split(self.box(part.head), tuple(map(self.column, part.columns)))
            case Frame():
                return self.frame(part)
            case Guarded():
                main = self.frame(part.main) if isinstance(part.main, Frame) else self.box(part.main)
                return Guarded(main, part.undo and self.column(part.undo), tuple(map(self.column, part.catches)))

    def frame(self, frame: Frame) -> Frame:
        last = frame.last and self.column(frame.last)
        return replace(frame, head=self.box(frame.head), columns=tuple(map(self.column, frame.columns)), last=last)

    def box(self, box: Box) -> Box:
        """A box of the new version, or of a removed workflow."""
        if box.step is None:
            return box
        if box.step not in self.before:
            return _marked(box, ADDED)
        if box.step not in self.after:
            return _marked(box, REMOVED)
        return _marked(box, CHANGED, self.changed[box.step]) if box.step in self.changed else box

    def ghosts(self, chain: Chain) -> Chain:
        """The removed steps of a part of the old version that are not shown yet."""
        return _flowing([ghost for part in chain for ghost in self._ghosts(part)])

    def _ghosts(self, part: Part) -> Iterator[Part]:
        core = _core(part)
        catches = part.catches if isinstance(part, Guarded) else ()
        main = core if isinstance(core, Box) else core.head
        columns = () if isinstance(core, Box) else core.columns
        if isinstance(core, Frame) and core.last is not None:
            columns = (*columns, core.last)
        inside = tuple(replace(column, chain=left) for column in columns if (left := self.ghosts(column.chain)))
        handlers = tuple(replace(column, chain=left) for column in catches if (left := self.ghosts(column.chain)))
        key = _key(part)
        if key is None or main.step in self.after or key in self.shown:
            yield from (ghost for column in (*inside, *handlers) for ghost in column.chain)
            return
        self.shown.add(key)
        head = _marked(main, REMOVED)
        ghost: Box | Split | Frame = head
        if isinstance(core, Frame):
            ghost = Frame(head, inside or (Column(()),))
        elif isinstance(core, Split) and inside:
            ghost = Split(head, inside)
        yield Guarded(ghost, None, handlers) if handlers and not isinstance(ghost, Split) else ghost


def _flowing(chain: list[Part]) -> Chain:
    """A chain in which lines lead through removed steps that used to end it."""
    return (*map(_passed, chain[:-1]), *chain[-1:])


def _passed(part: Part) -> Part:
    match part:
        case Box(status="removed"):
            return replace(part, ends=False)
        case Frame(head=Box(status="removed")):
            return replace(part, head=replace(part.head, ends=False))
        case _:
            return part


def _core(part: Part) -> Box | Split | Frame:
    return part.main if isinstance(part, Guarded) else part


def _key(part: Part) -> str | None:
    """What identifies a part in its chain: the step, and whether it is the step's condition."""
    core = _core(part)
    box = core if isinstance(core, Box) else core.head
    if box.step is None:
        return None
    return f"if {box.step}" if isinstance(core, Split) and not box.name else box.step


def _is_start(part: Part) -> bool:
    return isinstance(part, Box) and part.role is Role.START


def _name(column: Column) -> str | None:
    return None if column.label is None else "\n".join((column.label.name, *column.label.details))


def _marked(box: Box, status: str, text: str = "") -> Box:
    shown = f"{_SIGNS[status]} {text or status}"
    return replace(box, details=(*box.details, shown), status=status, tooltip=f"{box.tooltip}\n{shown}".strip())


def _steps(columns: Iterable[Column]) -> frozenset[str]:
    """The ids of all steps of a structure."""
    found: set[str] = set()
    chains = [column.chain for column in columns]
    while chains:
        for part in chains.pop():
            core = _core(part)
            box = core if isinstance(core, Box) else core.head
            inner = () if isinstance(core, Box) else core.columns
            if box.step is not None:
                found.add(box.step)
            sides = (*part.catches, *(() if part.undo is None else (part.undo,))) if isinstance(part, Guarded) else ()
            last = (core.last,) if isinstance(core, Frame) and core.last is not None else ()
            chains += (column.chain for column in (*inner, *last, *sides))
    return frozenset(found)
