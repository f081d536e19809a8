"""The diagram of a workflow, with the types of its steps, and the file with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from flowgen.backends.artifacts import Artifact, generated_page
from flowgen.diagrams import Structure, structure_of_workflow, svg
from flowgen.pipeline.build import Build
from flowgen.up_to_date import KEPT_DIAGRAMS


def diagram(build: Build, source: str) -> Artifact:
    """The file that `flowgen generate` writes for the setting `diagrams`. `source` is the workflow's file."""
    return generated_page(
        PurePosixPath(KEPT_DIAGRAMS) / f"{build.workflow.name}.svg", svg(structure(build)), source, "generate"
    )


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
