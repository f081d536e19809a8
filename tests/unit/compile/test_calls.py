"""What a call sends: the envelope, its trace context, and the bare argument."""

from __future__ import annotations

from typing import Any

from flowgen.asl.writing import to_json
from flowgen.compile import compile_workflow, function_placeholder, machine_placeholders
from flowgen.diagnostics import Sink
from flowgen.local import execute
from flowgen.model import Workflow, read_workflow
from flowgen.source import read

JSON = Any

TEXT = """
flowgen: 1
name: calls
functions:
  send_email: {errors: [Refused]}
  legacy: {arn: "arn:aws:lambda:eu-west-1:111122223333:function:legacy"}
  modern: {arn: "arn:aws:lambda:eu-west-1:111122223333:function:modern:live", envelope: true}
steps:
  - {id: first, call: send_email, retry: {attempts: 2, errors: [Refused]}}
  - {id: second, call: legacy, with: 5}
  - {id: third, call: modern, with: null}
"""


def model(text: str = TEXT) -> Workflow:
    sink = Sink()
    root = read("w.yaml", text, sink)
    assert root is not None
    workflow = read_workflow(root, sink)
    assert workflow is not None
    return workflow


def test_placeholders() -> None:
    """Functions that are deployed with the workflow have one; those that exist are named."""
    assert function_placeholder("send_email") == "SendEmailFunction"
    assert machine_placeholders(model()) == {"SendEmailFunction": "send_email"}


def test_what_functions_get() -> None:
    """Our own and those that ask for it the envelope, counted by attempts; others the bare argument."""
    events: list[JSON] = []

    def once_refused(event: JSON) -> JSON:
        events.append(event)
        if len(events) == 1:
            raise type("Refused", (Exception,), {})
        return "sent"

    def seen(event: JSON) -> JSON:
        events.append(event)
        return event

    execution = execute(
        to_json(compile_workflow(model())),
        {"n": 1},
        tasks={
            "${SendEmailFunction}": once_refused,
            "arn:aws:lambda:eu-west-1:111122223333:function:legacy": seen,
            "arn:aws:lambda:eu-west-1:111122223333:function:modern:live": seen,
        },
    )
    context = {
        "execution_id": "arn:aws:states:us-east-1:111111111111:execution:StateMachine:execution",
        "execution_name": "execution",
        "started_at": "2026-01-01T00:00:00.000Z",
        "workflow": "calls",
    }
    assert execution.status == "SUCCEEDED"
    assert events == [
        {"input": {"n": 1}, "context": {**context, "step": "first", "attempt": 1}},
        {"input": {"n": 1}, "context": {**context, "step": "first", "attempt": 2}},
        5,
        {"input": None, "context": {**context, "step": "third", "attempt": 1}},
    ]


def test_an_activity_receives_exactly_its_argument() -> None:
    """Also null, which as a bare `Arguments` would be no argument: the worker would receive the previous value."""
    head = "flowgen: 1\nname: calls\nfunctions: {w: {activity: true}}\nsteps:\n  - {id: one, call: w, with: "
    for given, wanted in (("null", None), ("5", 5), ("[1, null]", [1, None]), ("{a: null}", {"a": None})):
        received: list[JSON] = []
        tasks = {f"${{{function_placeholder('w', activity=True)}}}": received.append}
        execution = execute(to_json(compile_workflow(model(f"{head}{given}}}\n"))), "before", tasks=tasks)
        assert (execution.status, received) == ("SUCCEEDED", [wanted])
