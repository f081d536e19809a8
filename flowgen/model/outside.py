"""Values that come from outside the machine: their types, and which of them `validate` checks at run time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowgen.model.functions import Function
from flowgen.model.steps import Aws, Call, ForEach, Http, Reader, RunWorkflow, Step
from flowgen.model.types import TypeUse
from flowgen.model.values import Expression
from flowgen.model.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Outside:
    """A value from outside: its boundary, its declared type, and the workflow whose types the type names."""

    boundary: str
    type: TypeUse
    owner: Workflow


def is_generated(function: Function) -> bool:
    """Whether flowgen generates the code that enforces the contract of a function."""
    return function.arn is None and not function.activity


def value_from_outside(workflow: Workflow, step: Step, others: Mapping[str, Workflow]) -> Outside | None:
    """The value that a step receives from outside; None if it has no declared type or is checked elsewhere.

    `others` are the workflows that this one may run, by name.
    """
    match step:
        case Call(callback=None, function=name) if name in workflow.functions:
            function = workflow.functions[name]
            return None if is_generated(function) else Outside("function", function.output, workflow)
        case Call(callback=answer) | Aws(callback=answer) if answer is not None:
            return Outside("callback", answer, workflow)
        case Aws(output=output) if output is not None:
            return Outside("aws", output, workflow)
        case Http(output=output):
            return Outside("http", output, workflow)
        case RunWorkflow(detached=False, workflow=name) if name in others:
            return Outside("workflow", others[name].output, others[name])
        case ForEach(items=Reader(item=item)):
            return Outside("items", item, workflow)
        case _:
            return None


def validated(workflow: Workflow, step: Step, others: Mapping[str, Workflow]) -> Outside | None:
    """The value from outside that is checked at run time after a step; None if there is none."""
    found = value_from_outside(workflow, step, others)
    if found is None or not found.type.schema:
        return None
    reader = step.items if isinstance(step, ForEach) and isinstance(step.items, Reader) else None
    own: bool | None = getattr(step if reader is None else reader, "validation", None)
    # A value that cannot be converted must not pass as its type.
    own = True if reader is not None and reader.convert else own
    wanted = found.boundary in (workflow.validation or ()) if own is None else own
    return found if wanted else None


def validates_input(workflow: Workflow) -> bool:
    """Whether the workflow's input is checked at run time, before or by its first step."""
    return bool(workflow.input.schema) and "input" in (workflow.validation or ())


def first_step_validates_input(workflow: Workflow) -> bool:
    """Whether the first step is a call of generated code that receives the whole input and has its type."""
    first = workflow.steps[0] if workflow.steps else None
    if not isinstance(first, Call) or first.condition is not None or first.function not in workflow.functions:
        return False
    function, argument = workflow.functions[first.function], first.argument
    whole = argument is None or (isinstance(argument, Expression) and argument.text.strip() == "$input")
    return whole and is_generated(function) and function.input == workflow.input
