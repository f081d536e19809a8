"""What is known of the data at a place of a workflow."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flowgen.check.dataflow.values import Variables
from flowgen.jsonata.inference import is_fact, mentions
from flowgen.types import NEVER, Type, optional, union


@dataclass(frozen=True, slots=True)
class Known:
    """What is known at a place: the types of the variables, and of the value before.

    Among the variables are facts about other expressions, which conditions have shown: `$count($rows)` is not 0.
    """

    variables: Variables
    before: Type
    reached: bool = True

    def assigns(self, name: str, value: Type) -> Known:
        return replace(self.binding(**{name: value}), before=value)

    def binding(self, /, **names: Type) -> Known:
        kept = {
            name: found
            for name, found in self.variables.items()
            if not any(mentions(name, changed) for changed in names)
        }
        return replace(self, variables={**kept, **names})


def joined(*ends: Known) -> Known:
    """What holds whichever of the ends was reached: a variable that one of them lacks may be nothing."""
    alive = [end for end in ends if end.reached]
    if len(alive) < 2:  # noqa: PLR2004 - nothing to join
        return alive[0] if alive else replace(ends[0], reached=False)
    first, *others = alive
    variables: dict[str, Type] = {}
    for name in dict.fromkeys(name for end in alive for name in end.variables):
        types = [end.variables.get(name) for end in alive]
        if is_fact(name) and None in types:
            continue
        if all(found is types[0] for found in types):
            variables[name] = types[0] or NEVER
            continue
        whole = union(*(found for found in types if found is not None))
        variables[name] = whole if None not in types else optional(whole)
    return Known(variables, union(first.before, *(other.before for other in others)))
