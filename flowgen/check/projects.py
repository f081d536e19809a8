"""Checks the child workflows of a workflow."""

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
    """FG240 and FG407: unknown child workflows, and those that cannot be waited for. `known` has the workflows by name.

    Also FG207, because the errors of a child are in the child's file.
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
                f"unknown workflow `{step.workflow}`",
                step.span_of("workflow"),
                help=f"did you mean `{guess}`?" if guess else f"the workflows without errors are {others}",
                fix=replacing(step.span_of("workflow"), guess),
            )
        elif workflow.type == EXPRESS != child.type and not step.detached:
            yield Diagnostic(
                "FG407",
                f"an express workflow cannot wait for the standard workflow `{step.workflow}`",
                step.span_of("workflow"),
                secondary=(Label(workflow.span_of("type"), "an express workflow"),),
                help="add `detached: true`, or make it an express workflow, too",
            )
