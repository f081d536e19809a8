"""Removes assignments of variables that no later state reads.

A removed assignment can no longer fail: a path that selects nothing fails a JSONPath state even if nothing reads its
result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from flowgen.jsonata.names import names_of

JSON: TypeAlias = Any
_FLOW = frozenset({"Next", "Default", "Choices", "Catch", "Assign", "Branches", "ItemProcessor", "Comment"})


def without_unread(machine: Mapping[str, JSON], kept: frozenset[str]) -> dict[str, JSON]:
    """The machine without assignments that nothing reads. `kept` are variables that stay in any case."""
    inner = {
        name: {**state, **_inside(state, kept)} if "Branches" in state or "ItemProcessor" in state else dict(state)
        for name, state in machine["States"].items()
    }
    live = _live(inner, kept)
    return {**machine, "States": {name: _pruned(state, live, kept) for name, state in inner.items()}}


def _inside(state: Mapping[str, JSON], kept: frozenset[str]) -> dict[str, JSON]:
    if "Branches" in state:
        return {"Branches": [without_unread(branch, kept) for branch in state["Branches"]]}
    return {"ItemProcessor": without_unread(state["ItemProcessor"], kept)}


def _live(states: Mapping[str, JSON], kept: frozenset[str]) -> dict[str, set[str]]:
    """The variables that each state or a later one reads, by state."""
    reads = {name: _reads(state) for name, state in states.items()}
    entries = {
        name: [
            (target, {variable: set(_names(value)) for variable, value in entry.get("Assign", {}).items()})
            for entry, target in _transitions(state)
        ]
        for name, state in states.items()
    }
    before: dict[str, list[str]] = {name: [] for name in states}
    for name, transitions in entries.items():
        for target, _ in transitions:
            before[target].append(name)
    live = {name: set(found) for name, found in reads.items()}
    pending = list(states)
    waiting = set(pending)
    while pending:
        name = pending.pop()
        waiting.discard(name)
        found = set(live[name])
        for target, assigned in entries[name]:
            after = live[target]
            found |= after - assigned.keys()
            for variable, names in assigned.items():
                if variable in after or variable in kept:
                    found |= names
        if found != live[name]:
            live[name] = found
            for source in before[name]:
                if source not in waiting:
                    waiting.add(source)
                    pending.append(source)
    return live


def _transitions(state: Mapping[str, JSON]) -> Iterator[tuple[Mapping[str, JSON], str]]:
    for entry in (*state.get("Choices", ()), *state.get("Catch", ())):
        yield entry, entry["Next"]
    target = state.get("Next", state.get("Default"))
    if target is not None:
        yield state, target


def _pruned(state: Mapping[str, JSON], live: Mapping[str, set[str]], kept: frozenset[str]) -> dict[str, JSON]:
    made = dict(state)
    for field in ("Choices", "Catch"):
        if field in state:
            made[field] = [_without(entry, live[entry["Next"]] | kept) for entry in state[field]]
    target = state.get("Next", state.get("Default"))
    return _without(made, (live[target] if target is not None else set()) | kept)


def _without(entry: Mapping[str, JSON], wanted: set[str]) -> dict[str, JSON]:
    made = dict(entry)
    if "Assign" in made:
        made["Assign"] = {name: value for name, value in made["Assign"].items() if name in wanted}
        if not made["Assign"]:
            del made["Assign"]
    return made


def _reads(state: Mapping[str, JSON]) -> set[str]:
    """The variables in the fields of a state, its rules, its catchers and the machines inside it."""
    found = {name for field, value in state.items() if field not in _FLOW for name in _names(value)}
    for entry in (*state.get("Choices", ()), *state.get("Catch", ())):
        found |= {name for field, value in entry.items() if field not in _FLOW for name in _names(value)}
    for field in ("Branches", "ItemProcessor"):
        found |= set(_names(state.get(field)))
    return found


def _names(value: JSON) -> Iterator[str]:
    if isinstance(value, str):
        if value.startswith("{%"):
            yield from names_of(value[2:-2]).variables
    elif isinstance(value, dict):
        for item in value.values():
            yield from _names(item)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item)
