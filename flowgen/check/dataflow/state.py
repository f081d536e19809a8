"""The types of the data at a place in a workflow."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flowgen.check.walk import PathState
from flowgen.jsonata.inference import Variables, mentions
from flowgen.types import Type, optional, union


@dataclass(frozen=True, slots=True)
class FlowState(PathState):
    """The types at a place: of the variables, and of the previous value.

    The variables include facts about other expressions from conditions: `$count($rows)` is not 0.
    """

    variables: Variables
    before: Type

    def assigns(self, name: str, value: Type) -> FlowState:
        return replace(self.binding(**{name: value}), before=value)

    def binding(self, /, **names: Type) -> FlowState:
        """Replaces the types of some variables, and drops the facts about expressions with them."""
        kept = Variables({**self.variables, **names}, self.variables.facts)
        gone = [fact for fact in kept.facts if any(mentions(fact, changed) for changed in names)]
        for fact in gone:
            del kept[fact]
        kept.facts = kept.facts.difference(gone)
        return replace(self, variables=kept)

    def without(self, *names: str) -> FlowState:
        """Removes some variables, and the facts about expressions with them."""
        kept = {
            name: found
            for name, found in self.variables.items()
            if name not in names
            and not (name in self.variables.facts and any(mentions(name, assigned) for assigned in names))
        }
        return replace(self, variables=Variables(kept, self.variables.facts.intersection(kept)))


def joined(*ends: FlowState) -> FlowState:
    """Joins the ends of several paths: a variable that one of them lacks may be undefined."""
    alive = [end for end in ends if end.reached]
    if len(alive) < 2:  # noqa: PLR2004 - nothing to join
        return alive[0] if alive else replace(ends[0], reached=False)
    first, *others = alive
    facts = first.variables.facts.intersection(*(end.variables.facts for end in others))
    variables = Variables({}, facts)
    rest = [end.variables for end in others]
    for name, found in first.variables.items():
        for other in rest:
            if other.get(name) is not found:
                break
        else:
            variables[name] = found
    for name in dict.fromkeys(name for end in alive for name in end.variables if name not in variables):
        types = [end.variables.get(name) for end in alive]
        if None in types and any(name in end.variables.facts for end in alive):
            continue
        whole = union(*(found for found in types if found is not None))
        variables[name] = whole if None not in types else optional(whole)
    return FlowState(variables, union(first.before, *(other.before for other in others)))
