"""Which variables a state machine reads before they are assigned: a dataflow analysis of the definition alone.

It does not depend on the compiler or on `flowgen.compile.liveness`. A variable is assigned at a state when every path
to that state assigns it, or asks `$exists` for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from flowgen.jsonata import tree
from flowgen.jsonata.parsing import ExpressionParser, Syntax

JSON: TypeAlias = Any
Names: TypeAlias = frozenset[str]
Flags: TypeAlias = frozenset[tuple[str, str]]
"""Variables and the literal strings that they are known to hold, for those that a Choice compares with a string."""

_NESTED = ("Branches", "ItemProcessor")
_parser = ExpressionParser()


def unassigned_reads(definition: Mapping[str, JSON]) -> list[tuple[str, str]]:
    """The reads of variables that some path has not assigned, as pairs of state and variable."""
    return sorted(set(_of_flow(definition, frozenset())))


def _of_flow(flow: Mapping[str, JSON], outer: Names) -> Iterator[tuple[str, str]]:
    states = flow["States"]
    flags = {test[1] for state in states.values() for rule in state.get("Choices", ()) if (test := _flag(rule))}
    start = (flow["StartAt"], frozenset[tuple[str, str]]())
    assigned: dict[tuple[str, Flags], Names] = {start: outer}
    waiting = [start]
    while waiting:
        here = waiting.pop()
        for target, gained, values in _edges(states[here[0]], here[1]):
            there = (target, frozenset((name, value) for name, value in values.items() if name in flags))
            met = assigned[here] | gained
            before = assigned.get(there)
            now = met if before is None else before & met
            if now != before:
                assigned[there] = now
                waiting.append(there)
    at_entry: dict[str, Names] = {}
    for (name, _), names in assigned.items():
        at_entry[name] = at_entry.get(name, names) & names
    for name, known in at_entry.items():
        state = states[name]
        own = {key: value for key, value in state.items() if key not in _NESTED}
        for read in _reads_of(own) - known:
            yield name, read
        for inner in state.get("Branches", ()):
            yield from _of_flow(inner, known)
        if "ItemProcessor" in state:
            distributed = state["ItemProcessor"].get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED"
            yield from _of_flow(state["ItemProcessor"], frozenset() if distributed else known)


def _edges(state: Mapping[str, JSON], flags: Flags) -> Iterator[tuple[str, Names, dict[str, str]]]:
    """Where a state leads to, what has a value there, and which flags are known there."""
    known = dict(flags)
    for rule in state.get("Choices", ()):
        test = _flag(rule)
        if test is None or known.get(test[1], test[2]) == test[2]:
            yield rule["Next"], frozenset(rule.get("Assign", ())) | _tested(rule["Condition"]), _after(rule, known)
        if test is not None and known.get(test[1]) == test[2]:
            return
    for catcher in state.get("Catch", ()):
        yield catcher["Next"], frozenset(catcher.get("Assign", ())), _after(catcher, known)
    for key in ("Next", "Default"):
        if key in state:
            yield state[key], frozenset(state.get("Assign", ())), _after(state, known)


def _after(holder: Mapping[str, JSON], known: Mapping[str, str]) -> dict[str, str]:
    """The flags after an `Assign`: a variable with a literal string as its value is known, any other is not."""
    assign = holder.get("Assign", {})
    kept = {name: value for name, value in known.items() if name not in assign}
    literal = {name: value for name, value in assign.items() if isinstance(value, str) and not value.startswith("{%")}
    return kept | literal


def _flag(rule: Mapping[str, JSON]) -> re.Match[str] | None:
    """The name and the value of a rule that compares a variable with a string."""
    condition = rule["Condition"]
    return re.fullmatch(r"\{% \$(\w+) = '([^']*)' %\}", condition) if isinstance(condition, str) else None


def _reads_of(value: JSON, guarded: Names = frozenset()) -> Names:
    """The variables that the expressions of a value read; those of a Choice's rule may rely on its condition."""
    if isinstance(value, dict):
        within = guarded | (_tested(value["Condition"]) if "Condition" in value else frozenset())
        return frozenset[str]().union(*(_reads_of(inner, within) for key, inner in value.items() if key != "Comment"))
    if isinstance(value, list):
        return frozenset[str]().union(*(_reads_of(item, guarded) for item in value))
    parsed = _parsed(value)
    if parsed is None:
        return frozenset()
    local = {token.value for token in parsed.bound}
    called = {reference.name for reference in parsed.references if reference.called}
    return frozenset(_reads(parsed.tree, guarded)) - local - {"states", "", "$"} - called


def _parsed(value: JSON) -> Syntax | None:
    if not (isinstance(value, str) and value.startswith("{%")):
        return None
    parsed = _parser.parse(value[2:-2])
    assert isinstance(parsed, Syntax), value
    return parsed


def _reads(node: tree.Tree, guarded: Names) -> Iterator[str]:
    match node:
        case tree.Variable(name=name):
            if name not in guarded:
                yield name
        case tree.Call(procedure=tree.Variable(name="exists")):
            return
        case tree.ObjectConstructor(pairs=tree.Group(pairs=((tree.Literal(value="value"), tree.Variable()),))):
            return  # how a value that may be absent is passed to a separate execution
        case tree.Call(procedure=tree.Variable(), arguments=arguments):
            for argument in arguments:
                yield from _reads(argument, guarded)
            return
        case tree.Condition(condition=condition, then=then, otherwise=otherwise):
            yield from _reads(condition, guarded)
            within = guarded | _asked(condition)
            for branch in (then, otherwise):
                if branch is not None:
                    yield from _reads(branch, within)
            return
        case tree.Binary(operator="and" | "or", left=left, right=right):
            yield from _reads(left, guarded)
            yield from _reads(right, guarded | _asked(left))
            return
    for inner in _children(node):
        yield from _reads(inner, guarded)


def _children(node: tree.Tree) -> list[tree.Tree]:
    """The nodes directly inside a node."""
    inside = list(tree.walk(node))[1:]
    nested = {id(one) for child in inside for one in list(tree.walk(child))[1:]}
    return [child for child in inside if id(child) not in nested]


def _tested(condition: JSON) -> Names:
    parsed = _parsed(condition)
    return frozenset() if parsed is None else _asked(parsed.tree)


def _asked(node: tree.Tree) -> Names:
    """The variables that an expression asks `$exists` for."""
    return frozenset(
        inner.name
        for call in tree.walk(node)
        if isinstance(call, tree.Call) and isinstance(call.procedure, tree.Variable) and call.procedure.name == "exists"
        for argument in call.arguments
        for inner in tree.walk(argument)
        if isinstance(inner, tree.Variable)
    )
