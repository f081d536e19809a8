"""Where control goes from a state, and which variables are assigned then."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from flowgen.asl.states import Choice, Map, Parallel, Pass, Raw, State, Succeed, Task, Template, Wait
from flowgen.compile.errors import ErrorScope
from flowgen.compile.templates import Names, enclosed, jsonata, output, template
from flowgen.model.values import VALUES, Value

INPUT = "$states.input"


@dataclass(frozen=True, slots=True)
class Flowing:
    """The value that a state passes on: as a template, and as JSONata."""

    template: Template
    jsonata: str

    @classmethod
    def expression(cls, text: str) -> Flowing:
        return cls(enclosed(text), text)

    @classmethod
    def value(cls, value: Value, names: Names) -> Flowing:
        return cls(template(value, names), jsonata(value, names))


PASSED_ON = Flowing.expression(INPUT)


@dataclass(frozen=True, slots=True)
class Kept:
    """A variable that an edge assigns: a loop's counter, the initial value of its first round."""

    variable: str
    value: Template | Value
    """A template, or a value of the workflow."""
    names: Names = field(default_factory=dict)

    def rendered(self, assigned: Names) -> Template:
        """The template of the value; `assigned` are the variables that the same state assigns."""
        if not isinstance(self.value, VALUES):
            return self.value
        names = {name: _before_assignment(text, assigned) for name, text in self.names.items()}
        return template(self.value, {**assigned, **names})


_VARIABLE = re.compile(r"\$(\w+)")


def _before_assignment(text: str, assigned: Names) -> str:
    """The meaning of a name while its variable is not assigned yet."""
    return _VARIABLE.sub(lambda match: assigned.get(match[1], match[0]), text, count=1)


@dataclass(frozen=True, slots=True)
class Edge:
    """Where control goes (None: the end of the scope), and the variables that are assigned the value passed on."""

    target: str | None
    variables: tuple[str, ...] = ()
    kept: tuple[Kept, ...] = ()
    ignores: bool = False
    """Whether the target does not use the value passed on."""

    def keeping(self, variables: tuple[str, ...]) -> Edge:
        return replace(self, variables=self.variables + variables)

    def assign(self, flowing: Flowing, binds: Names | None = None) -> dict[str, Template]:
        """The `Assign` of a state or rule that leaves along this edge.

        AWS's validators reject an empty string there unless it is an expression.
        """
        text = flowing.jsonata if _is_operand(flowing.jsonata) else f"({flowing.jsonata})"
        made: dict[str, Template] = {name: enclosed(bound) for name, bound in (binds or {}).items()}
        made |= dict.fromkeys(self.variables, flowing.template)
        assigned: dict[str, str] = dict(binds or {})
        assigned.update((name, text) for name in self.variables)
        made |= {kept.variable: kept.rendered(assigned) for kept in self.kept}
        return {name: enclosed("''") if value == "" else value for name, value in made.items()}


def _is_operand(text: str) -> bool:
    return all(character.isalnum() or character in "_.$" for character in text)


@dataclass(frozen=True, slots=True)
class Enclosing:
    """A group or loop around a step: where `break` and `continue` lead. `round_ends` is None for a group."""

    id: str
    after: Edge
    round_ends: Edge | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """The context of a step.

    `end` names the state that ends this scope, if one must be named. The last three are only for the state that enters
    the scope: how it finds the previous value, what it reads instead of variables that are not bound yet, and those
    variables that it must bind for the states after it.
    """

    names: Names
    errors: ErrorScope
    end: str
    enclosing: tuple[Enclosing, ...] = ()
    returns: Edge | None = None
    rounds: tuple[str, ...] = ()
    """The counters of the enclosing loops' rounds, outermost first; each counts from 0."""
    inner: bool = False
    """Whether errors here bypass the workflow's own handlers and compensations."""
    before: str = INPUT
    unbound: Names = field(default_factory=dict)
    binds: Names = field(default_factory=dict)

    @property
    def own_names(self) -> Names:
        """The names as the entering state sees them."""
        return {**self.names, **self.unbound}

    @property
    def is_entry(self) -> bool:
        return bool(self.unbound) or self.before != INPUT

    @property
    def iteration(self) -> tuple[str, ...]:
        """The JSONata that identifies the rounds of the enclosing loops."""
        names = self.own_names
        return tuple(names[name] for name in self.rounds)

    def later(self) -> Scope:
        """The scope for the states after the one that enters it."""
        return replace(self, before=INPUT, unbound={}, binds={}) if self.is_entry else self

    def within(self, enclosing: Enclosing) -> Scope:
        return replace(self, enclosing=(enclosing, *self.enclosing))

    def passed_on(self) -> Flowing:
        return Flowing.expression(self.before)

    def passing(self) -> dict[str, Any]:
        """The `Output` of a state that passes on the previous value, if that is not simply its input."""
        return {} if self.before == INPUT else {"output": enclosed(self.before)}


@dataclass(frozen=True, slots=True)
class Lowered:
    """The lowered form of a step or list of steps: its entry, and its states in the order of the file."""

    entry: Edge
    states: tuple[State, ...] = ()


def targets(state: State) -> tuple[str | None, ...]:
    """The possible successors of a state."""
    match state:
        case Task() | Parallel() | Map() | Raw():
            return (state.next, *(catcher.next for catcher in state.catch))
        case Pass(next=after) | Wait(next=after):
            return (after,)
        case Choice(rules=rules, default=default):
            return (default, *(rule.next for rule in rules))
        case _:
            return ()


def target(edge: Edge, scope: Scope) -> str:
    """A state to name where a state must be named: a Choice and a catcher can't end a scope themselves."""
    return edge.target or scope.end


def ended(states: tuple[State, ...], end: str, start: str) -> tuple[State, ...]:
    """The states of a scope, with the one that ends it where something names it, and without those that nothing names.

    A handler of what nothing raises has such states; Step Functions rejects them.
    """
    by_name: dict[str, State] = {state.name: state for state in (*states, Succeed(end))}
    reached, waiting = {start}, [start]
    while waiting:
        for name in targets(by_name[waiting.pop()]):
            if name is not None and name not in reached:
                reached.add(name)
                waiting.append(name)
    return tuple(state for state in by_name.values() if state.name in reached)


__all__ = [
    "INPUT",
    "PASSED_ON",
    "Edge",
    "Enclosing",
    "Flowing",
    "Kept",
    "Lowered",
    "Scope",
    "ended",
    "output",
    "target",
    "targets",
]
