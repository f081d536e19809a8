"""Retriers. Lambda's transient service errors are retried by default, as AWS advises."""

from __future__ import annotations

from flowgen.asl.states import Retrier
from flowgen.compile.errors import ALL, asl_errors
from flowgen.model import Call, Task, Workflow
from flowgen.model import Retrier as ModelRetrier
from flowgen.model.raised import CONTRACT_VIOLATION
from flowgen.model.task_settings import retry_of

TRANSIENT = Retrier(
    (
        "Lambda.ClientExecutionTimeoutException",
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
    ),
    attempts=6,
    interval=2,
    backoff=2,
)
"""Developer guide, "Best practices": handle transient Lambda service exceptions."""


# See docs/explanation/decisions.md#transient-errors-of-lambda-are-always-retried
def retriers(workflow: Workflow, step: Task) -> tuple[Retrier, ...]:
    """The retriers of a task: the step's own, else the function's, else the defaults of its kind."""
    found = retry_of(workflow, step)
    written = None if found is None else found.retriers
    if not isinstance(step, Call):
        return written_retriers(written)
    function = workflow.functions[step.function]
    transient = () if function.activity else (TRANSIENT,)
    if written is None:
        return transient
    if all(retrier.attempts == 0 for retrier in written):
        return ()
    made: list[Retrier] = []
    for retrier in written:
        if retrier.errors is None:
            never = (*(error.name for error in function.errors), *((CONTRACT_VIOLATION,) if function.enveloped else ()))
            if never:
                made.append(Retrier(never, attempts=0))
        made.append(_retrier(retrier))
    return tuple(made) if made[-1].errors == (ALL,) else (*made, *transient)


def written_retriers(retry: tuple[ModelRetrier, ...] | None) -> tuple[Retrier, ...]:
    """The retriers of tasks other than functions: as written, none by default."""
    return tuple(_retrier(retrier) for retrier in retry or () if retrier.attempts or retrier.errors is not None)


def _retrier(written: ModelRetrier) -> Retrier:
    return Retrier(
        (ALL,) if written.errors is None else asl_errors(written.errors),
        written.attempts,
        interval=written.interval.seconds if written.interval else None,
        backoff=written.backoff,
        max_delay=written.max_interval.seconds if written.max_interval else None,
        jitter=written.jitter,
    )
