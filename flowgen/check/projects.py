"""What one workflow of a project needs of the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowgen.check.names import tasks
from flowgen.diagnostics import Diagnostic, did_you_mean
from flowgen.model import RunWorkflow, Workflow
from flowgen.model.element import listed


def runs_others(workflow: Workflow) -> bool:
    """Whether some step runs another workflow."""
    return any(isinstance(step, RunWorkflow) for step in tasks(workflow))


def check_children(workflow: Workflow, known: Mapping[str, Workflow]) -> Iterator[Diagnostic]:
    """FG240: a `workflow` step names a workflow of the project. `known` has those, by name."""
    for step in tasks(workflow):
        if isinstance(step, RunWorkflow) and step.workflow not in known:
            guess = did_you_mean(step.workflow, known)
            others = listed(sorted(known))
            yield Diagnostic(
                "FG240",
                f"there is no workflow `{step.workflow}` in this project",
                step.span_of("workflow"),
                help=f"did you mean `{guess}`?" if guess else f"the workflows without errors are {others}",
            )
