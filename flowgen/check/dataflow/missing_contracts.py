"""Contracts without a declared input or output."""

from __future__ import annotations

from collections.abc import Iterator

from flowgen.check.names import tasks
from flowgen.diagnostics import Diagnostic, Span
from flowgen.model import Call, Function, Workflow
from flowgen.source import Mapping


def undeclared(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG311: in strict mode, contracts without an input or output."""
    owners: list[tuple[str, Workflow | Function, Span]] = [("the workflow", workflow, workflow.span_of("name"))]
    functions = workflow.node.get("functions")
    for name, function in workflow.functions.items():
        entry = functions.entry(name) if isinstance(functions, Mapping) else None
        # Requests and responses of a URL have the types of HTTP.
        if entry is not None and function.url is None:
            owners.append((f"`{name}`", function, entry.key.span))
    unread = {f"`{name}`" for name in _only_answered(workflow)}
    for what, owner, span in owners:
        if owner.node.get("input") is None:
            yield _told("input", what, span, "declare it: `input: TYPE`")
        if owner.node.get("output") is None and what not in unread:
            yield _told("output", what, span, "declare it: `output: TYPE`, or `output: null` if there is none")


def _only_answered(workflow: Workflow) -> set[str]:
    """The functions whose output is never used, because each call waits for the answer to a task token."""
    calls = [step for step in tasks(workflow) if isinstance(step, Call)]
    return {call.function for call in calls} - {call.function for call in calls if call.callback is None}


def _told(key: str, what: str, span: Span, help_: str) -> Diagnostic:
    return Diagnostic("FG311", f"the {key} of {what} is not declared, so it is `any`", span, help=help_)
