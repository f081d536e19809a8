"""Checks functions that are called from outside the workflow: by HTTP requests, to answer task tokens, or otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from flowgen.check.names import tasks
from flowgen.diagnostics import Diagnostic, Label, Span, did_you_mean
from flowgen.model import Call, Function, Workflow, every_step
from flowgen.model.element import listed
from flowgen.model.python_names import callbacks
from flowgen.model.shared_functions import library_of
from flowgen.model.steps import kind_span
from flowgen.source import Node, Sequence


def check_outside_calls(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG560 to FG563."""
    for step in tasks(workflow):
        function = workflow.functions.get(step.function) if isinstance(step, Call) else None
        if isinstance(step, Call) and function is not None and function.called_from_outside:
            yield _called(step, function)
    for name, function in workflow.functions.items():
        if function.called_from_outside:
            yield from _function(workflow, name, function)


def _called(step: Call, function: Function) -> Diagnostic:
    key = _outside_key(function)
    return Diagnostic(
        "FG560",
        f"a step cannot call `{step.function}`: it is called from outside",
        kind_span(step),
        "sends an input and a context, which its code does not expect",
        secondary=(Label(function.span_of(key), f"`{key}` is declared here"),),
        help="declare a second function for the step; both can share code",
    )


def _outside_key(function: Function) -> str:
    return next(key for key in ("url", "answers", "standalone") if function.node.get(key) is not None)


def _function(workflow: Workflow, name: str, function: Function) -> Iterator[Diagnostic]:
    if library_of(workflow, function) is not None:
        for key in ("url", "answers"):
            if function.node.get(key) is not None:
                yield Diagnostic(
                    "FG561",
                    f"`{key}` is not allowed in an imported file",
                    function.span_of(key),
                    f"`{name}` belongs to all workflows that import it",
                    help="declare the function in the workflow",
                )
        return
    yield from _answers(workflow, function)
    url = function.url
    if url is None:
        return
    if url.auth == "none":
        yield Diagnostic(
            "FG562",
            f"anyone can call the URL of `{name}`",
            url.span_of("auth"),
            help="write `auth: iam`; if the code itself checks each request, add `# flowgen: ignore[FG562]`",
        )
    if url.invoke_mode == "response_stream":
        yield Diagnostic(
            "FG563",
            "Lambda's Python runtime cannot stream responses",
            url.span_of("invoke_mode"),
            "the response is buffered and sent as a whole",
            help="remove `invoke_mode`, or run the code in a layer that streams, such as Lambda Web Adapter",
        )


def _answers(workflow: Workflow, function: Function) -> Iterator[Diagnostic]:
    """FG561 for names in `answers` that are not steps waiting for an answer."""
    waiting = [found.name for found in callbacks(workflow)]
    steps = {step.id for step in every_step(workflow)}
    for name in dict.fromkeys(function.answers):
        if name in waiting:
            continue
        guess = did_you_mean(name, waiting)
        if name in steps:
            message, help_ = f"the step `{name}` does not wait for an answer", "add `callback: TYPE` to the step"
        else:
            message = f"unknown step `{name}`"
            help_ = f"these steps wait for an answer: {listed(waiting)}" if waiting else "no step has a `callback`"
        yield Diagnostic("FG561", message, _item(function, name), help=f"did you mean `{guess}`?" if guess else help_)


def _item(function: Function, name: str) -> Span:
    written: Node | None = function.node.get("answers")
    items = written.items if isinstance(written, Sequence) else ()
    return next((item.span for item in items if getattr(item, "text", None) == name), function.span_of("answers"))
