"""Which retries and which timeout apply to a task: its own, its function's, or the defaults of its kind."""

from __future__ import annotations

from dataclasses import dataclass

from flowgen.model.element import Element
from flowgen.model.functions import Defaults, TaskDefaults
from flowgen.model.quantities import Seconds
from flowgen.model.steps import Aws, Call, Http, Retrier, RunWorkflow, Step, Task, retriers_of
from flowgen.model.workflow import Workflow


@dataclass(frozen=True, slots=True)
class OwnedRetry:
    """The retriers that apply to a step, the element that has them, and its name in messages."""

    retriers: tuple[Retrier, ...]
    owner: Element
    name: str


def retry_of(workflow: Workflow, step: Step) -> OwnedRetry | None:
    """The retriers that apply to a step: its own, else its function's, else the defaults of its kind."""
    own = retriers_of(step)
    if own is not None:
        return OwnedRetry(own, step, f"`{step.id}`")
    function = workflow.functions.get(step.function) if isinstance(step, Call) else None
    if isinstance(step, Call) and function is not None and function.retry is not None:
        return OwnedRetry(function.retry, function, f"the function `{step.function}`")
    defaults, name = _defaults(workflow, step)
    return None if defaults is None or defaults.retry is None else OwnedRetry(defaults.retry, defaults, name)


def timeout_of(workflow: Workflow, step: Task) -> Seconds | None:
    """The timeout of a task, if it has one."""
    if step.timeout is not None:
        return step.timeout
    defaults, _ = _defaults(workflow, step)
    return None if defaults is None else defaults.timeout


# See docs/explanation/decisions.md#defaults-do-not-repeat-what-costs
def _defaults(workflow: Workflow, step: Step) -> tuple[Defaults | TaskDefaults | None, str]:
    defaults = workflow.defaults
    if defaults is None:
        return None, ""
    match step:
        case Call():
            return (defaults, "`defaults`") if step.callback is None else (None, "")
        case Aws():
            return (defaults.aws, "`defaults.aws`") if step.callback is None else (None, "")
        case Http():
            return defaults.http, "`defaults.http`"
        case RunWorkflow():
            return defaults.workflow, "`defaults.workflow`"
        case _:
            return None, ""
