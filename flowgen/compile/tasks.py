"""Tasks: their requests and results."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from flowgen.asl.integrations import OPTIMIZED
from flowgen.compile.names import called_as, connection_placeholder, function_placeholder, workflow_placeholder
from flowgen.compile.templates import Names, enclosed, is_enclosed, jsonata, output, template
from flowgen.model import Aws, Call, Http, Literal, RunWorkflow, Task, Value, Workflow

RESULT = "$states.result"
TOKEN = "$states.context.Task.Token"  # noqa: S105 - the name of AWS's field
WAIT = ".waitForTaskToken"


@dataclass(frozen=True, slots=True)
class Request:
    """The request of a Task state, and the JSONata of the step's value in the result."""

    resource: str
    arguments: Any
    result: str
    tells_status: bool = False
    """Whether a failure is a result with a `Status`."""


def request(
    workflow: Workflow,
    step: Task,
    names: Names,
    before: str,
    express: frozenset[str],
    iteration: tuple[str, ...] = (),
) -> Request:
    """The request of a task. `before` is the argument if `with` is missing.

    `express` names the express workflows. `iteration` has the JSONata of the round of each enclosing loop.
    """
    match step:
        case Call():
            return _call(workflow, step, names, before, iteration)
        case Aws():
            return _aws(step, names)
        case Http():
            return _http(step, names)
        case RunWorkflow():
            return _workflow(step, names, before, is_express=step.workflow in express)
        case _:
            assert_never(step)


def credentials(step: Task, names: Names) -> dict[str, Any] | None:
    """The role of a task; developer guide, "Accessing resources in other AWS accounts in Step Functions"."""
    if isinstance(step, Http) or step.credentials is None:
        return None
    return {"RoleArn": template(step.credentials.role, names)}


# See docs/explanation/decisions.md#calls-use-lambdainvoke
def _call(workflow: Workflow, step: Call, names: Names, before: str, iteration: tuple[str, ...]) -> Request:
    """Developer guide, "Invoke an AWS Lambda function with Step Functions"."""
    function = workflow.functions[step.function]
    if function.activity:
        whole = enclosed(before) if step.argument is None else output(step.argument, names)
        return Request(f"${{{function_placeholder(step.function, activity=True)}}}", whole, RESULT)
    argument = enclosed(before) if step.argument is None else template(step.argument, names)
    if function.enveloped:
        argument = {"input": argument, "context": _context(workflow, step, iteration)}
    elif _may_be_text(function.input.schema, workflow):
        argument = _as_payload(argument)
    arguments = {"FunctionName": called_as(step.function, function), "Payload": argument}
    if step.callback is not None:
        return Request(f"arn:aws:states:::lambda:invoke{WAIT}", arguments, RESULT)
    return Request("arn:aws:states:::lambda:invoke", arguments, f"{RESULT}.Payload")


def _as_payload(argument: Any) -> Any:
    """An argument in a form that `lambda:invoke` sends unchanged. It parses a string as JSON, and drops null.

    Source: recordings of the service.
    """
    if is_enclosed(argument):
        text = "$string([$argument__])"
        json_text = f"$substring({text}, 1, $length({text}) - 2)"
        kinds = "$type($argument__) in ['string', 'null']"
        return enclosed(f"($argument__ := {argument[2:-2].strip()}; {kinds} ? {json_text} : $argument__)")
    return json.dumps(argument, ensure_ascii=False) if argument is None or isinstance(argument, str) else argument


def _may_be_text(schema: Mapping[str, Any], workflow: Workflow) -> bool:
    """Whether a schema may allow a string or null."""
    for _ in range(len(workflow.types) + 1):
        if "$ref" not in schema:
            break
        declared = workflow.types.get(str(schema["$ref"]).rpartition("/")[2])
        schema = {} if declared is None else declared.schema
    types = schema.get("type")
    if types is not None:
        return bool({"string", "null"}.intersection([types] if isinstance(types, str) else types))
    if "discriminator" in schema:
        return False
    options = [option for option in schema.get("anyOf", ()) if isinstance(option, dict)]
    return any(_may_be_text(option, workflow) for option in options) if options else True


# See docs/explanation/decisions.md#the-idempotency-key-does-not-depend-on-the-input
def _context(workflow: Workflow, step: Call, iteration: tuple[str, ...]) -> dict[str, Any]:
    context = {
        "execution_id": enclosed("$states.context.Execution.Id"),
        "execution_name": enclosed("$states.context.Execution.Name"),
        "started_at": enclosed("$states.context.Execution.StartTime"),
        "workflow": workflow.name,
        "step": step.id,
        "attempt": enclosed("$states.context.State.RetryCount + 1"),
    }
    if iteration:
        context["iteration"] = enclosed(f"[{', '.join(iteration)}]")
    return context | ({} if step.callback is None else {"task_token": enclosed(TOKEN)})


def _aws(step: Aws, names: Names) -> Request:
    """Developer guide, "Integrating services": an optimized integration if there is one, else the SDK integration."""
    action = step.action
    optimized = action.name in OPTIMIZED.get(action.service, {})
    service = action.service if optimized or action.service.startswith("aws-sdk:") else f"aws-sdk:{action.service}"
    pattern = WAIT if step.callback is not None else action.pattern
    arguments = {} if step.argument is None else template(step.argument, names)
    return Request(f"arn:aws:states:::{service}:{action.name}{pattern}", arguments, RESULT)


def _http(step: Http, names: Names) -> Request:
    """Developer guide, "Call HTTPS APIs in Step Functions workflows"."""
    parts: dict[str, Value | None] = {
        "Headers": step.headers,
        "QueryParameters": step.query,
        "RequestBody": step.body,
    }
    arguments = {
        "ApiEndpoint": step.endpoint.url.value
        if isinstance(step.endpoint.url, Literal)
        else template(step.endpoint.url, names),
        "Method": step.endpoint.method,
        "Authentication": {"ConnectionArn": f"${{{connection_placeholder(step.connection)}}}"},
        **{name: template(value, names) for name, value in parts.items() if value is not None},
    }
    return Request("arn:aws:states:::http:invoke", arguments, f"{RESULT}.ResponseBody")


def _workflow(step: RunWorkflow, names: Names, before: str, *, is_express: bool) -> Request:
    """Developer guide, "Start workflow executions from a task state"."""
    argument: Any = enclosed(before) if step.argument is None else template(step.argument, names)
    named = {} if step.execution_name is None else {"Name": template(step.execution_name, names)}
    if is_express and not step.detached:
        # Express executions have no `.sync`: the API waits for them, and accepts and returns text (API reference,
        # `StartSyncExecution`).
        text = before if step.argument is None else jsonata(step.argument, names)
        arguments = {
            "StateMachineArn": f"${{{workflow_placeholder(step.workflow)}}}",
            "Input": enclosed(f"$string({text})"),
            **named,
        }
        return Request(
            "arn:aws:states:::aws-sdk:sfn:startSyncExecution",
            arguments,
            "$parse($states.input.Output)",
            tells_status=True,
        )
    arguments = {"StateMachineArn": f"${{{workflow_placeholder(step.workflow)}}}", "Input": argument, **named}
    if step.detached:
        return Request("arn:aws:states:::states:startExecution", arguments, RESULT)
    return Request("arn:aws:states:::states:startExecution.sync:2", arguments, f"{RESULT}.Output")
