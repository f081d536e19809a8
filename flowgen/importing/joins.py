"""The document of a state with several predecessors, and what each of them has to assign for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from flowgen.importing.state_document import (
    EMPTY,
    JSON,
    STATE_INPUT,
    Computed,
    Constant,
    Missing,
    New,
    Optional,
    Place,
    Record,
    Reference,
    Sequence,
    Value,
    references,
    replaced,
    select,
    select_all,
)
from flowgen.importing.variable_names import VariableNames

LONGEST_CONSTANT = 80
"""A longer string is assigned to a variable once, not repeated where it is read."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A document in terms of variables, and the variables that its transition assigns for it."""

    document: Value
    assigned: Mapping[str, Value]


@dataclass(slots=True)
class Join:
    """The document at the start of a state. `merged` are the places for which its predecessors assign a variable."""

    document: Value
    merged: dict[Place, str]


@dataclass(slots=True)
class _Settling:
    names: VariableNames
    owner: str
    assigned: dict[str, Value]
    made: set[Place] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    input: str = ""

    def hold(self, place: Place, value: Value, wanted: str, kind: str = "value") -> Value:
        """Assign a value to the variable of a place."""
        thing = (kind, place) if place else (kind, place, self.owner)
        is_first = not self.names.has(thing)
        variable = self.names.of(thing, wanted)
        if is_first:
            self.named.add(variable)
        if value != Reference(variable):
            self.assigned[variable] = value
        self.made.add(place)
        return Reference(variable)

    def scope_input(self) -> Reference:
        """The variable that holds the whole input of the branch or the item processor."""
        self.input = self.names.of("input", self.names.input_name)
        self.assigned[self.input] = Reference(STATE_INPUT)
        return Reference(self.input)

    def settle(self, value: Value, place: Place) -> Value:
        match value:
            case New(inner, name, spread):
                return self.new(inner, place, name, spread=spread)
            case Reference() if value.is_stable:
                return value
            case Reference(root, ()) if root == STATE_INPUT:
                return self.scope_input()
            case Reference() | Computed() | Sequence():
                return self.hold(place, value, _wanted(place, self.owner))
            case Optional(inner) if inner.root == STATE_INPUT:
                return Optional(Reference(self.scope_input().root, inner.steps))
            case Optional(inner) if not inner.is_stable:
                return boxed(self.hold(place, box(place, value), f"maybe_{_wanted(place, '')}", "box"), place)
            case Record(base, members):
                kept = {
                    key: member
                    if isinstance(member, Reference) and member.is_stable
                    else self.settle(member, (*place, key))
                    for key, member in members.items()
                }
                if isinstance(base, Reference) and base.root == STATE_INPUT:
                    base = Reference(self.scope_input().root, base.steps)
                elif base is not None and not (isinstance(base, Reference) and base.is_stable):
                    base = self.hold((*place, "*"), base, _wanted(place, self.owner), "base")
                return Record(base, kept)
            case _:
                return value

    def new(self, value: Value, place: Place, name: str, *, spread: bool) -> Value:
        match value:
            case New(inner, inner_name):
                return self.new(inner, place, inner_name, spread=spread)
            case Reference(_, ()) if value.is_stable:
                return value
            case Optional() | Missing():
                return self.settle(value, place)
            case Constant(found) if not isinstance(found, list) and len(str(found)) <= LONGEST_CONSTANT:
                return value
            case Record(None, members) if not members:
                return EMPTY
            case Record(None, members) if spread:
                return Record(
                    None,
                    {key: self.new(member, (*place, key), key, spread=False) for key, member in members.items()},
                )
            case Record() if not place and _is_settled(value):
                return value
            case _:
                return self.hold(place, value, name)


def _is_settled(value: Value) -> bool:
    match value:
        case Reference():
            return value.is_stable
        case Optional(inner):
            return inner.is_stable
        case Record(base, members):
            return (base is None or _is_settled(base)) and all(map(_is_settled, members.values()))
        case Constant() | Missing():
            return True
        case _:
            return False


def _wanted(place: Place, owner: str) -> str:
    return "_".join(place) or owner


def box(place: Place, value: Value) -> Value:
    """An object that holds a member that may be missing."""
    inner = (
        value if isinstance(value, Optional | Missing) else Optional(value) if isinstance(value, Reference) else value
    )
    return Record(None, {} if isinstance(inner, Missing) else {place[-1]: inner})


def boxed(variable: Value, place: Place) -> Value:
    """The member in the box."""
    found = select(variable, place[-1])
    return Optional(found) if isinstance(found, Reference) else found


def settle(document: Value, assigned: Mapping[str, Value], owner: str, names: VariableNames) -> Settled:
    """The document after a transition of the state `owner`, which also assigns the variables of its author."""
    settling = _Settling(names, owner, dict(assigned))
    made = settling.settle(document, ())
    while True:
        # No document refers to a variable that this transition names for the first time.
        changed = settling.assigned.keys() - {settling.input} - settling.named
        if not changed:
            return Settled(made, settling.assigned)
        stale = [
            (place, value)
            for place, value in leaves(made, ())
            if place not in settling.made and any(found.root in changed for found in references(value))
        ]
        if not stale:
            return Settled(made, settling.assigned)
        for place, value in stale:
            made = _put(made, place, settling.hold(place, value, _wanted(place, owner), "copy"))


def leaves(value: Value, place: Place) -> Iterator[tuple[Place, Value]]:
    """The parts of a document that are not objects of known members, each with its place. A base has the name `*`."""
    if isinstance(value, Record):
        if value.base is not None:
            yield from leaves(value.base, (*place, "*"))
        for key, member in value.members.items():
            yield from leaves(member, (*place, key))
    else:
        yield place, value


def _put(document: Value, place: Place, value: Value) -> Value:
    if not place:
        return value
    assert isinstance(document, Record)  # noqa: S101 - only objects have places inside
    if place[0] == "*" and len(place) == 1:
        return Record(value, document.members)
    return Record(document.base, {**document.members, place[0]: _put(document.members[place[0]], place[1:], value)})


def join(documents: list[Value], forced: dict[Place, str], names: VariableNames) -> Join:
    """The document that all of these have in common. `forced` places have a variable in any case."""
    merged: dict[Place, str] = {}
    return Join(_joined(documents, (), forced, names, merged), merged)


def _joined(
    values: list[Value], place: Place, forced: dict[Place, str], names: VariableNames, merged: dict[Place, str]
) -> Value:
    first = values[0]
    if place not in forced:
        if all(value is first or value == first for value in values) and not _forced_inside(place, forced):
            return first
        bases = [_base(value) for value in values]
        if any(isinstance(value, Record) for value in values) and all(base == bases[0] for base in bases):
            records = [value if isinstance(value, Record) else Record(value, {}) for value in values]
            keys = dict.fromkeys(key for record in records for key in record.members)
            members = {
                key: _joined([select(record, key) for record in records], (*place, key), forced, names, merged)
                for key in keys
            }
            return Record(records[0].base, members)
    is_box = forced.get(place) == "box" or (bool(place) and any(map(may_be_missing, values)))
    merged[place] = "box" if is_box else "value"
    return merged_value(place, merged[place], names)


def merged_value(place: Place, kind: str, names: VariableNames) -> Value:
    """The value at a place for which all predecessors assign a variable."""
    if kind == "box":
        return boxed(Reference(names.of(("box", place), f"maybe_{'_'.join(place)}")), place)
    return Reference(names.of(("value", place), "_".join(place) or "data"))


def _forced_inside(place: Place, forced: dict[Place, str]) -> bool:
    return any(other[: len(place)] == place for other in forced)


def _base(value: Value) -> Value | None:
    return value.base if isinstance(value, Record) else value


def may_be_missing(value: Value) -> bool:
    """Whether the document may lack the value."""
    return isinstance(value, Optional | Missing) or (isinstance(value, Reference) and bool(value.steps))


def delivered(target: Join, source: Settled, names: VariableNames) -> dict[str, Value]:
    """The variables that a transition assigns, in terms of the state that it leaves."""
    found = dict(source.assigned)

    def before(reference: Reference) -> Value:
        value = source.assigned.get(reference.root)
        return reference if value is None else select_all(value, reference.steps)

    for place, kind in target.merged.items():
        value = select_all(source.document, place) if place else source.document
        wanted = merged_value(place, kind, names)
        if value == wanted:
            continue
        if kind == "box" and isinstance(wanted, Optional):
            found[wanted.value.root] = replaced(box(place, value), before)
        elif isinstance(wanted, Reference):
            found[wanted.root] = replaced(value, before)
    return found


def conflicts(target: Join, sources: list[Settled], names: VariableNames) -> dict[Place, str]:
    """Places that read an old value of a variable that a transition assigns for another place."""
    if not target.merged:
        return {}
    assigned = {
        variable for source in sources for variable in delivered(target, source, names).keys() - source.assigned.keys()
    }
    found: dict[Place, str] = {}
    for place, value in leaves(target.document, ()):
        if place in target.merged:
            continue
        if any(reference.root in assigned for reference in references(value)):
            found[place if "*" not in place else place[: place.index("*")]] = (
                "box" if may_be_missing(value) else "value"
            )
    return found


__all__ = ["JSON", "Join", "Settled", "conflicts", "delivered", "join", "settle"]
