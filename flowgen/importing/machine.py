"""What the scopes of a state machine share while their steps are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from flowgen.importing.naming import Names
from flowgen.importing.tasks import Functions

Step: TypeAlias = dict[str, Any]
"""A step as YAML has it."""


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
