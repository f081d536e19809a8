"""The diagram of a workflow, with the types of its steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowgen.diagrams import Structure, structure_of_workflow
from flowgen.pipeline.build import Build


def structure(build: Build) -> Structure:
    """The diagram of a workflow without errors."""
    from flowgen.types.printing import show

    types = {step: (show(before), show(after)) for step, (before, after) in build.dataflow.steps.items()}
    return structure_of_workflow(build.workflow, tuple(_states(build.definition)), types)


def _states(machine: Mapping[str, Any]) -> Iterator[str]:
    waiting = [machine]
    while waiting:
        for name, state in waiting.pop().get("States", {}).items():
            yield name
            inner = (state.get("ItemProcessor"), state.get("Iterator"), *state.get("Branches", ()))
            waiting += (body for body in inner if body is not None)
