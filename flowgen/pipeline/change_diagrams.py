"""The changes of workflows as diagrams: both versions of each workflow in one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flowgen.diagrams.difference import ADDED, REMOVED, difference, only

_LONGEST = 30
"""The most characters of a value in a box."""

if TYPE_CHECKING:
    from flowgen.diagrams import Structure
    from flowgen.pipeline.build import Build, Source
    from flowgen.pipeline.changes import Change, WorkflowChange


def change_diagrams(
    changes: Sequence[WorkflowChange], before: Sequence[Source], after: Sequence[Source]
) -> dict[str, Structure]:
    """A diagram for each workflow of which steps changed, by the workflow's name."""
    old, new = _by_name(before), _by_name(after)
    found: dict[str, Structure] = {}
    for workflow in changes:
        name = workflow.name
        if workflow.kind == "added":
            found[name] = only(_structure(new[name]), ADDED)
        elif workflow.kind == "removed":
            found[name] = only(_structure(old[name]), REMOVED)
        elif any(change.section == "steps" for change in workflow.changes):
            changed = {
                change.name.partition(" ")[0]: _text(change)
                for change in workflow.changes
                if change.section == "steps" and change.kind == "changed"
            }
            found[name] = difference(_structure(old[name]), _structure(new[name]), changed)
    return found


def _by_name(sources: Sequence[Source]) -> dict[str, Build]:
    return {source.build.workflow.name: source.build for source in sources if source.build is not None}


def _structure(build: Build) -> Structure:
    from flowgen.diagrams import structure_of_workflow
    from flowgen.pipeline.diagrams import structure

    return structure_of_workflow(build.workflow) if build.source.reported.failed else structure(build)


def _text(change: Change) -> str:
    """What changed in a step, on one line."""
    first, *others = change.details
    if max(len(first.before or ""), len(first.after or "")) > _LONGEST:
        text = f"{first.path} changed"
    elif first.before is None:
        text = f"{first.path}: {first.after}"
    elif first.after is None:
        text = f"{first.path} removed"
    else:
        text = f"{first.path}: {first.before} → {first.after}"
    return f"{text}, and {len(others)} more" if others else text
