"""FG219: retries that repeat more than one request, whatever the error was."""

from __future__ import annotations

from collections.abc import Iterator

from flowgen.check.names import tasks
from flowgen.diagnostics import Diagnostic, Label
from flowgen.model import Aws, Call, Retrier, RunWorkflow, Task, Value, Workflow
from flowgen.model.steps import ANY_ERROR
from flowgen.model.task_settings import retry_of
from flowgen.model.values import expressions_in

_ANY_FAILURE = frozenset({ANY_ERROR, "States.ALL", "States.TaskFailed"})
"""Names that match every way in which the repeated work may have failed."""


def check_repetition(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG219: a retry for every error on a step that starts a workflow, or that waits for an answer.

    The error does not say how far the work has come, so the retry may repeat what is done: payments of a child
    workflow, or the letter that asks a person.
    """
    for task in tasks(workflow):
        repeated = _repeated(task)
        found = retry_of(workflow, task) if repeated else None
        if found is None:
            continue
        for retrier in found.retriers:
            if retrier.attempts and _matches_all(retrier):
                elsewhere = (
                    () if found.owner is task else (Label(found.owner.span_of("retry"), f"the retry of {found.name}"),)
                )
                where = task.span_of("retry") if found.owner is task else task.span_of(task.kind)
                yield Diagnostic(
                    "FG219", f"after any error, this retry {repeated}", where, secondary=elsewhere, help=_help(task)
                )
                break


def _repeated(task: Task) -> str:
    """What another attempt does; empty if it only sends one request again."""
    match task:
        case RunWorkflow(execution_name=name) if name is not None and "RetryCount" not in _text_of(name):
            return "fails with `StepFunctions.ExecutionAlreadyExistsException`, because the name is taken"
        case RunWorkflow(detached=False):
            return f"runs `{task.workflow}` again from its first step"
        case Call(callback=callback) | Aws(callback=callback) if callback is not None:
            return "asks again, with a new task token, and the first answer is lost"
        case _:
            return ""


def _text_of(value: Value) -> str:
    return " ".join(expression.text for expression in expressions_in(value))


def _matches_all(retrier: Retrier) -> bool:
    return retrier.errors is None or not _ANY_FAILURE.isdisjoint(retrier.errors)


def _help(task: Task) -> str:
    if isinstance(task, RunWorkflow) and task.execution_name is not None:
        return "add the number of the attempt to the name, `-${ $context.State.RetryCount }`, or remove the retry"
    if isinstance(task, RunWorkflow):
        return f"retry the steps inside `{task.workflow}` that are safe to repeat, or catch the errors that you expect"
    return "list the errors after which to ask again, such as `errors: [States.Timeout]`"
