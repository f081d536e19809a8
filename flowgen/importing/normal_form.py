"""Normal form of a state machine: JSONata, with variables for every value that a later state reads.

The graph, the names of the states and the behavior stay the same. Data no longer travels from a state's output to the
next state's input: each state assigns what it makes, and reads what others made by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

from flowgen.importing.joins import Join, Settled, conflicts, delivered, join, settle
from flowgen.importing.jsonpath_expressions import NotExpressible
from flowgen.importing.live_variables import without_unread
from flowgen.importing.state_document import (
    EXECUTION_INPUT,
    JSON,
    RESULT,
    STATE_INPUT,
    Computed,
    Constant,
    New,
    Optional,
    Place,
    Record,
    Reference,
    Sequence,
    Value,
    plain,
    references,
    template,
)
from flowgen.importing.state_flow import Edge, Slot, StateFlow, state_flow
from flowgen.importing.variable_names import VariableNames

_PATIENCE = 4
"""After this many visits of a state, its places only gain variables, so that the analysis ends."""


@dataclass(frozen=True, slots=True)
class Note:
    """How a state may behave differently, or why it cannot be converted. `place` is its JSON pointer."""

    state: str
    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Normalized:
    """A machine in normal form, and what its reader should know."""

    definition: dict[str, JSON]
    notes: tuple[Note, ...]


class CannotNormalize(Exception):  # noqa: N818 - the outcome for a machine, not an error in the program
    """A state has no counterpart in normal form. `note` says which and why."""

    def __init__(self, note: Note) -> None:
        super().__init__(f"{note.state}: {note.text}")
        self.note = note


def normalize(definition: Mapping[str, JSON]) -> Normalized:
    """The normal form of a valid state machine in any query language. Raises `CannotNormalize`."""
    notes: list[Note] = []
    taken = frozenset(_assigned_names(definition))
    inserted: set[str] = set()
    is_jsonata = definition.get("QueryLanguage") == "JSONata"
    scope = _Scope(
        definition,
        "",
        is_jsonata=is_jsonata,
        start=Reference(EXECUTION_INPUT),
        taken=taken,
        notes=notes,
        state_names=set(_state_names(definition)),
        inserted=inserted,
    )
    made = scope.normalized()
    rest = {key: value for key, value in made.items() if key not in {"Comment", "QueryLanguage"}}
    head = {"Comment": made["Comment"]} if "Comment" in made else {}
    pruned = without_unread({**head, "QueryLanguage": "JSONata", **rest}, taken)
    return Normalized(_without_idle(pruned, inserted), tuple(notes))


def _without_idle(machine: dict[str, JSON], inserted: set[str]) -> dict[str, JSON]:
    """The machine without inserted states that assign nothing."""
    start = machine["StartAt"]
    states = {
        name: {
            **state,
            **(
                {"Branches": [_without_idle(one, inserted) for one in state["Branches"]]} if "Branches" in state else {}
            ),
            **({"ItemProcessor": _without_idle(state["ItemProcessor"], inserted)} if "ItemProcessor" in state else {}),
        }
        for name, state in machine["States"].items()
    }
    if start in inserted and "Assign" not in states[start]:
        start = states.pop(start)["Next"]
    return {**machine, "StartAt": start, "States": states}


def _assigned_names(value: JSON) -> Iterator[str]:
    """The variables that the author of the machine assigns."""
    if isinstance(value, dict):
        assigned = value.get("Assign")
        if isinstance(assigned, dict):
            yield from (name.removesuffix(".$") for name in assigned)
        for item in value.values():
            yield from _assigned_names(item)
    elif isinstance(value, list):
        for item in value:
            yield from _assigned_names(item)


@dataclass(slots=True)
class _Scope:
    """The states of a machine, a branch or an item processor."""

    machine: Mapping[str, JSON]
    pointer: str
    is_jsonata: bool
    start: Value
    taken: frozenset[str]
    notes: list[Note]
    state_names: set[str]
    inserted: set[str]
    input_name: str = "input"
    names: VariableNames = field(init=False)
    states: dict[str, Mapping[str, JSON]] = field(init=False)
    start_at: str = field(init=False)
    flows: dict[str, StateFlow] = field(default_factory=dict)
    joins: dict[str, Join] = field(default_factory=dict)
    incoming: dict[str, dict[tuple[str, Slot], Settled]] = field(default_factory=dict)

    def normalized(self) -> dict[str, JSON]:
        """The machine in normal form."""
        self.names = VariableNames(self.taken, self.input_name)
        self.states = dict(self.machine["States"])
        self.start_at = self.machine["StartAt"]
        if any(target == self.start_at for state in self.states.values() for target in _targets(state)):
            # A transition back to the first state assigns variables, so the start must be able to assign them too.
            entry = _free_name("Start", self.state_names)
            self.state_names.add(entry)
            self.inserted.add(entry)
            self.states = {entry: {"Type": "Pass", "Next": self.start_at}, **self.states}
            self.start_at = entry
        self._analyze()
        made = {name: self._state(name) for name in self.states if name in self.flows}
        rest = {key: value for key, value in self.machine.items() if key not in {"StartAt", "States"}}
        return {**rest, "StartAt": self.start_at, "States": made}

    # Analysis

    def _analyze(self) -> None:
        order = {name: at for at, name in enumerate(self._order())}
        incoming: dict[str, dict[tuple[str, Slot], Settled]] = {name: {} for name in order}
        forced: dict[str, dict[Place, str]] = {name: {} for name in order}
        visits = dict.fromkeys(order, 0)
        waiting = {self.start_at}
        pending = [(0, self.start_at)]
        while pending:
            _, name = heappop(pending)
            waiting.discard(name)
            sources = list(incoming[name].values())
            if name == self.start_at:
                sources = [Settled(self.start, {}), *sources]
            found = self._join(name, sources, forced[name], visits[name])
            visits[name] += 1
            if name in self.joins and found.document == self.joins[name].document:
                self.joins[name] = found
                continue
            self.joins[name] = found
            flow = self.flows[name] = self._flow(name, found.document)
            for edge in flow.edges:
                if edge.target is None:
                    continue
                if edge.target not in order:
                    raise CannotNormalize(Note(name, f"the state `{edge.target}` does not exist", self._pointer(name)))
                owner = name if edge.slot[0] != "catch" else f"{name} error"
                incoming[edge.target][name, edge.slot] = settle(edge.document, edge.assigned, owner, self.names)
                if edge.target not in waiting:
                    waiting.add(edge.target)
                    heappush(pending, (order[edge.target], edge.target))
        self.incoming = incoming
        for name in self.states:
            if name not in self.flows:
                self.notes.append(Note(name, "no transition leads to this state", self._pointer(name)))

    def _join(self, name: str, sources: list[Settled], forced: dict[Place, str], visits: int) -> Join:
        documents = [source.document for source in sources]
        if visits > _PATIENCE:
            documents.append(self.joins[name].document)
            for place, kind in self.joins[name].merged.items():
                forced.setdefault(place, kind)
        while True:
            found = join(documents, forced, self.names)
            for place, kind in found.merged.items():
                if kind == "box" and place in forced:
                    forced[place] = "box"
            more = {place: kind for place, kind in conflicts(found, sources, self.names).items() if place not in forced}
            if not more:
                return found
            forced.update(more)

    def _order(self) -> list[str]:
        """The reachable states in reverse postorder."""
        seen = {self.start_at}
        done: list[str] = []
        stack = [(self.start_at, iter(_targets(self.states[self.start_at])))]
        while stack:
            name, targets = stack[-1]
            following = next((target for target in targets if target not in seen), None)
            if following is None:
                done.append(name)
                stack.pop()
            elif following not in self.states:
                raise CannotNormalize(Note(name, f"the state `{following}` does not exist", self._pointer(name)))
            else:
                seen.add(following)
                stack.append((following, iter(_targets(self.states[following]))))
        return done[::-1]

    def _flow(self, name: str, document: Value) -> StateFlow:
        state = self.states[name]
        try:
            return state_flow(name, state, document, is_jsonata=self._is_jsonata(state))
        except NotExpressible as reason:
            note = Note(name, f"{reason} has no exact counterpart in JSONata", self._pointer(name))
            raise CannotNormalize(note) from None

    def _is_jsonata(self, state: Mapping[str, JSON]) -> bool:
        language = state.get("QueryLanguage")
        return self.is_jsonata if language is None else bool(language == "JSONata")

    def _pointer(self, name: str) -> str:
        return f"{self.pointer}/States/{name.replace('~', '~0').replace('/', '~1')}"

    # Writing

    def _state(self, name: str) -> dict[str, JSON]:
        flow = self.flows[name]
        self.notes += [Note(name, text, self._pointer(name)) for text in flow.differences]
        fields = dict(flow.fields)
        if fields.get("Arguments") == f"{{% {STATE_INPUT} %}}":
            del fields["Arguments"]
        if fields.get("Items") == f"{{% {STATE_INPUT} %}}" and "ItemReader" not in fields:
            del fields["Items"]
        fields |= self._inner(name, flow)
        entries: dict[str, list[JSON]] = {}
        for edge in flow.edges:
            transition = self._transition(name, edge, kind=fields["Type"])
            if edge.slot[0] == "next":
                if fields["Type"] == "Choice":
                    transition["Default"] = transition.pop("Next")
                if fields["Type"] == "Succeed":
                    transition.pop("End")
                fields |= transition
            else:
                field_name = "Choices" if edge.slot[0] == "rule" else "Catch"
                entries.setdefault(field_name, []).append({**flow.entries[edge.slot], **transition})
        return {**fields, **entries}

    def _transition(self, name: str, edge: Edge, kind: str) -> dict[str, JSON]:
        if edge.target is None:
            made: dict[str, JSON] = {}
            output = plain(edge.document)
            default = Reference(RESULT) if kind in {"Task", "Map", "Parallel"} else Reference(STATE_INPUT)
            if output != default:
                made["Output"] = template(output)
            return {**made, "End": True}
        source = self.incoming[edge.target][name, edge.slot]
        assigned = delivered(self.joins[edge.target], source, self.names)
        made = {"Assign": {variable[1:]: template(value) for variable, value in assigned.items()}} if assigned else {}
        return {**made, "Next": edge.target}

    def _inner(self, name: str, flow: StateFlow) -> dict[str, JSON]:
        """The machines inside a Parallel or Map state."""
        state = self.states[name]
        if state["Type"] == "Parallel":
            document = flow.handed if flow.handed is not None else Reference(STATE_INPUT)
            arguments: dict[str, JSON] = {}
            if not all(found.is_stable or found.root == STATE_INPUT for found in references(document)) or _computes(
                document
            ):
                arguments = {"Arguments": template(document)}
                document = _handed(plain(document), ())
            branches = [
                self._machine(branch, f"{self._pointer(name)}/Branches/{at}", document, state, "branch_input")
                for at, branch in enumerate(state["Branches"])
            ]
            return {**arguments, "Branches": branches}
        if state["Type"] == "Map":
            processor = state.get("ItemProcessor", state.get("Iterator"))
            distributed = processor.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED"
            document = Reference(STATE_INPUT)
            if isinstance(flow.handed, Record) and not distributed:
                document = _handed(plain(flow.handed), ())
            field_name = "ItemProcessor" if "ItemProcessor" in state else "Iterator"
            pointer = f"{self._pointer(name)}/{field_name}"
            wanted = "item_batch" if "ItemBatcher" in state else _item_name(state)
            return {"ItemProcessor": self._machine(processor, pointer, document, state, wanted)}
        return {}

    def _machine(
        self, machine: Mapping[str, JSON], pointer: str, start: Value, state: Mapping[str, JSON], input_name: str
    ) -> dict[str, JSON]:
        scope = _Scope(
            machine,
            pointer,
            is_jsonata=self._is_jsonata(state),
            start=start,
            taken=self.names.taken,
            notes=self.notes,
            state_names=self.state_names,
            inserted=self.inserted,
            input_name=input_name,
        )
        return scope.normalized()


def _computes(value: Value) -> bool:
    match value:
        case Computed():
            return True
        case New(inner):
            return _computes(inner)
        case Record(base, members):
            return (base is not None and _computes(base)) or any(map(_computes, members.values()))
        case Sequence(items):
            return any(map(_computes, items))
        case _:
            return False


def _item_name(state: Mapping[str, JSON]) -> str:
    """A name for one item: `order` for the items `$.orders`."""
    found = re.search(r"(\w+)\W*$", str(state.get("ItemsPath", state.get("Items", ""))))
    name = found.group(1) if found else ""
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    if name.endswith("s") and not name.endswith("ss"):
        return name[:-1]
    return "item"


def _handed(value: Value, place: tuple[str, ...]) -> Value:
    """The document inside a state that hands on `value`: the values of the scope around it, or parts of the input."""
    match value:
        case Record(None, members) if not any(isinstance(member, Optional) for member in members.values()):
            return Record(None, {key: _handed(member, (*place, key)) for key, member in members.items()})
        case Reference() if value.is_stable:
            return value
        case Constant(found) if not isinstance(found, list | dict):
            return value
        case _:
            return Reference(STATE_INPUT, place)


def _targets(state: Mapping[str, JSON]) -> list[str]:
    entries = [*state.get("Choices", ()), *state.get("Catch", ())]
    found = [entry.get("Next") for entry in entries] + [state.get("Next"), state.get("Default")]
    return [target for target in found if isinstance(target, str)]


def _free_name(name: str, taken: set[str]) -> str:
    candidates = (f"{name} {number}" if number > 1 else name for number in count(1))
    return next(free for free in candidates if free not in taken)


def _state_names(machine: Mapping[str, JSON]) -> Iterator[str]:
    for name, state in machine["States"].items():
        yield name
        inner = [*state.get("Branches", ()), *(state[key] for key in ("ItemProcessor", "Iterator") if key in state)]
        for machine_inside in inner:
            yield from _state_names(machine_inside)
