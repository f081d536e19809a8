"""The names of the executions that steps and triggers start.

`dataflow` checks expressions in a name by their types: a `date-time` always contains a colon.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowgen.asl.execution_names import LONGEST_NAME, REFUSED
from flowgen.check.names import tasks
from flowgen.diagnostics import Diagnostic, Span
from flowgen.model import RunWorkflow, Value, Workflow, expressions_in
from flowgen.model.triggers import NamingTrigger, Schedule
from flowgen.model.triggers.paths import stack_reference
from flowgen.model.values import Interpolation, Literal


def check_execution_names(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG402: names whose plain text AWS rejects; FG556: one name for all starts of a trigger."""
    for task in tasks(workflow):
        if isinstance(task, RunWorkflow) and task.execution_name is not None:
            yield from _plain_text(task.execution_name, task.span_of("name"))
    for trigger in workflow.triggers.values():
        if isinstance(trigger, NamingTrigger) and trigger.execution_name is not None:
            yield from _plain_text(trigger.execution_name, trigger.span_of("name"))
            if workflow.type != "express":
                yield from _constant(trigger, trigger.execution_name)


def _constant(trigger: NamingTrigger, name: Value) -> Iterator[Diagnostic]:
    """A name without a part of the event: AWS rejects all starts but the first."""
    once = isinstance(trigger, Schedule) and trigger.schedule.startswith("at(")
    if not once and all(stack_reference(expression) for expression in expressions_in(name)):
        part = "$event.execution_id" if isinstance(trigger, Schedule) else "$event.body.id"
        yield Diagnostic(
            "FG556",
            "every start has the same name, so only the first one succeeds",
            trigger.span_of("name"),
            help=f"use a part of the event that differs: `${{ {part} }}`",
        )


def _plain_text(value: Value, where: Span) -> Iterator[Diagnostic]:
    match value:
        case Literal(value=str() as text):
            parts, least = [text], len(text)
        case Interpolation(parts=several):
            parts = [part for part in several if isinstance(part, str)]
            least = sum(map(len, parts))
        case _:
            return
    refused = next((found[0] for part in parts if (found := REFUSED.search(part))), None)
    if refused is not None:
        what = "a space" if refused == " " else f"`{refused}`" if refused.isprintable() else f"U+{ord(refused):04X}"
        yield Diagnostic(
            "FG402",
            f"the name of an execution must not contain {what}",
            where,
            help="use letters, digits, `-`, `_` and `.`",
        )
    if least > LONGEST_NAME:
        beyond = f"the name of an execution has at most {LONGEST_NAME} characters; this one has at least {least}"
        yield Diagnostic("FG402", beyond, where, help="shorten it")
    if least == 0 and isinstance(value, Literal):
        yield Diagnostic("FG402", "the name of an execution must not be empty", where, help="remove `name`")
