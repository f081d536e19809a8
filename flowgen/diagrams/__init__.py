"""Diagrams of workflows and state machines, laid out from their structure.

In: a workflow with the types of its steps, or a definition in Amazon States Language. Out: text in SVG or Mermaid.
Never: files, a font library, a place that depends on anything except the structure.

`workflow` and `machine` produce a `Structure`; `layout` computes a `Drawing`, which `svg` writes; `mermaid` needs none.
"""

from collections.abc import Mapping
from typing import Any

from flowgen.diagrams.machine import structure_of_machine
from flowgen.diagrams.mermaid import mermaid
from flowgen.diagrams.overlay import StateRun, Status, states_of, with_run
from flowgen.diagrams.structure import Structure
from flowgen.diagrams.svg import svg
from flowgen.diagrams.workflow import structure_of_workflow

__all__ = [
    "StateRun",
    "Status",
    "Structure",
    "mermaid",
    "states_of",
    "structure_of_machine",
    "structure_of_workflow",
    "svg",
    "svg_of",
    "with_run",
]


def svg_of(definition: Mapping[str, Any], name: str = "state machine") -> str:
    """The SVG of a definition in Amazon States Language."""
    return svg(structure_of_machine(definition, name))
