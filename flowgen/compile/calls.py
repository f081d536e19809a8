"""A call of a function: what goes to Lambda, and what comes back."""

from __future__ import annotations

from typing import Any

from flowgen.compile.names import function_placeholder
from flowgen.compile.templates import Names, enclosed, output, template
from flowgen.model import Call, Function, Return, Workflow

PAYLOAD = "$states.result.Payload"


def call_arguments(workflow: Workflow, step: Call, function: Function, names: Names) -> dict[str, Any]:
    """The arguments of `lambda:invoke` (developer guide, "Invoke an AWS Lambda function with Step Functions")."""
    argument = enclosed("$states.input") if step.argument is None else template(step.argument, names)
    name = function.arn or f"${{{function_placeholder(step.function)}}}"
    if not function.enveloped:
        return {"FunctionName": name, "Payload": argument}
    context = {
        "execution_id": enclosed("$states.context.Execution.Id"),
        "execution_name": enclosed("$states.context.Execution.Name"),
        "started_at": enclosed("$states.context.Execution.StartTime"),
        "workflow": workflow.name,
        "step": step.id,
        "attempt": enclosed("$states.context.State.RetryCount + 1"),
    }
    return {"FunctionName": name, "Payload": {"input": argument, "context": context}}


def result_output(names: Names, step: str, returned: Return | None) -> Any:
    """The value of a call: the function's output, or that of the `return` which was folded into it."""
    if returned is None:
        return enclosed(PAYLOAD)
    return output(returned.value, {**names, step: PAYLOAD})
