"""What one workflow of a project needs of the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowgen.check.errors import check_errors
from flowgen.check.express import EXPRESS
from flowgen.check.names import tasks
from flowgen.diagnostics import Diagnostic, Label, did_you_mean, replacing
from flowgen.model import RunWorkflow, Workflow
from flowgen.model.element import listed


def runs_others(workflow: Workflow) -> bool:
    """Whether some step runs another workflow."""
    return any(isinstance(step, RunWorkflow) for step in tasks(workflow))


def check_children(workflow: Workflow, known: Mapping[str, Workflow]) -> Iterator[Diagnostic]:
    """FG240 and FG407: a `workflow` step names one of the project that it can wait for. `known` has those, by name.

    FG207 too, since what a child may raise is in its own file.
    """
    yield from check_errors(workflow, known)
    for step in tasks(workflow):
        if not isinstance(step, RunWorkflow):
            continue
        child = known.get(step.workflow)
        if child is None:
            guess = did_you_mean(step.workflow, known)
            others = listed(sorted(known))
            yield Diagnostic(
                "FG240",
                f"there is no workflow `{step.workflow}` in this project",
                step.span_of("workflow"),
                help=f"did you mean `{guess}`?" if guess else f"the workflows without errors are {others}",
                fix=replacing(step.span_of("workflow"), guess),
            )
        elif workflow.type == EXPRESS != child.type and not step.detached:
            yield Diagnostic(
                "FG407",
                f"an express workflow can't wait for `{step.workflow}`, a standard workflow",
                step.span_of("workflow"),
                secondary=(Label(workflow.span_of("type"), "an express workflow"),),
                help="run it `detached: true`, or make it an express workflow too",
            )
