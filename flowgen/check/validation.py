"""`validate`: what a check at run time leaves out, and where it has nothing to check."""

from __future__ import annotations

from collections.abc import Iterator

from flowgen.check.names import tasks
from flowgen.diagnostics import Diagnostic, Span
from flowgen.jsonata.schema_check import schema_check
from flowgen.model import ForEach, Reader, TypeUse, Workflow, every_step
from flowgen.model.outside import validated, validates_input, value_from_outside
from flowgen.model.steps.tasks import TaskStep


def check_validation(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG316: keywords that a check in JSONata cannot enforce; FG113: `validate` on a step without a declared type."""
    uses: list[tuple[TypeUse, Span]] = []
    if validates_input(workflow):
        uses.append((workflow.input, workflow.span_of("input")))
    for step in tasks(workflow):
        if step.validation and step.kind != "workflow":
            found = value_from_outside(workflow, step, {})
            if found is None or not found.type.schema:
                yield _useless(step)
        checked = validated(workflow, step, {})
        if checked is not None:
            uses.append((checked.type, step.span_of("id")))
    for loop in every_step(workflow):
        if isinstance(loop, ForEach) and isinstance(loop.items, Reader):
            checked = validated(workflow, loop, {})
            if checked is not None:
                uses.append((checked.type, loop.items.span_of("item")))
    told = set()
    for use, place in uses:
        declared = {name: declaration.schema for name, declaration in workflow.types.items()} | dict(use.hoisted)
        for keyword, value in schema_check(use.schema, declared).left_out:
            if (keyword, value) not in told:
                told.add((keyword, value))
                span = place if use.node is None else use.node.span
                shown = value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
                message = f"`validate` does not check `{keyword}: {shown}`"
                help_ = "JSONata cannot express it; generated functions still enforce what their models can"
                yield Diagnostic("FG316", message, span, help=help_)


_LONGEST = 40


def _useless(step: TaskStep) -> Diagnostic:
    entry = step.node.entry("validate")
    span = step.node.span if entry is None else entry.key.span
    if step.kind == "call":
        help_ = "remove it: generated code checks the result of its function"
    else:
        help_ = "declare the type of the result with `output`"
    return Diagnostic("FG113", "`validate` has nothing to check here", span, help=help_)
