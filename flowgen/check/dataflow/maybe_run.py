"""Steps that may have run or not: those of a body that failed halfway, and of a loop's earlier rounds."""

from __future__ import annotations

from collections.abc import Iterator

from flowgen.model import Step, Steps, Workflow, catchers_of, every_step
from flowgen.model.expressions import expressions_of, guards


def asked_for(workflow: Workflow) -> frozenset[str]:
    """The variables for which `$exists($x)` asks somewhere: no others may be read where they may have no value."""
    return frozenset(
        name for step in every_step(workflow) for expression in expressions_of(step) for name in guards(expression)
    )


def same_variables(steps: Steps) -> Iterator[Step]:
    """The steps of a body whose variables are seen outside of it; those in a Map or Parallel state are not."""
    for step in steps:
        yield step
        for body in step.bodies():
            if not body.apart:
                yield from same_variables(body.steps)
        for catcher in catchers_of(step):
            yield from same_variables(catcher.steps or ())
