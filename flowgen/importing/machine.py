"""What the scopes of a state machine share while their steps are written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from flowgen.importing.naming import Names
from flowgen.importing.tasks import Functions

Step: TypeAlias = dict[str, Any]
"""A step as YAML has it."""


def steps_in(steps: list[Step]) -> Iterator[Step]:
    """All steps, with those inside others."""
    for step in steps:
        yield step
        bodies = [step.get("steps"), step.get("else"), *step.get("parallel", {}).values()]
        bodies += step.get("cases", {}).values()
        bodies += [one.get("steps") for key in ("switch", "catch") for one in step.get(key, ())]
        for body in bodies:
            yield from steps_in(body or [])


@dataclass
class Machine:
    """The names, functions and handlers of a workflow, and what differs from the state machine."""

    names: Names
    functions: Functions = field(default_factory=Functions)
    handlers: dict[str, list[Step]] = field(default_factory=dict)
    notes: list[tuple[str, str]] = field(default_factory=list)
    """A state, and what differs there."""
    left: dict[str, str] = field(default_factory=dict)
    """The states that stay `asl` steps, each with the reason."""
