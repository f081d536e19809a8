"""Workflows to state machines, and to executions of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from flowgen.diagnostics import Diagnostic
from flowgen.model import RunWorkflow, Workflow, every_step

if TYPE_CHECKING:
    from flowgen.pipeline.loading import Loaded


def definition(loaded: Loaded) -> dict[str, Any]:
    """The state machine of a workflow as JSON; its functions are placeholders (`${SendEmailFunction}`)."""
    return compiled(loaded.workflow, loaded.others)


def compiled(workflow: Workflow, others: Mapping[str, Workflow]) -> dict[str, Any]:
    from flowgen.asl.writing import to_json
    from flowgen.compile import compile_workflow
    from flowgen.model.raised import raised_by

    express = frozenset(name for name, other in others.items() if other.type == "express")
    children = {
        step.workflow: raised_by(others[step.workflow], others)
        for step in every_step(workflow)
        if isinstance(step, RunWorkflow) and step.workflow in others
    }
    return to_json(compile_workflow(workflow, express, children))


def handlers(loaded: Loaded) -> tuple[dict[str, Callable[..., Any]], dict[str, Diagnostic]]:
    """The handlers of a workflow's functions by their names, as Lambda would call them; or why not (FG603)."""
    from flowgen.backends.python import entry_point_module
    from flowgen.compile import machine_placeholders
    from flowgen.local import HandlerLoadError, load_handler

    found: dict[str, Callable[..., Any]] = {}
    problems: dict[str, Diagnostic] = {}
    for function in machine_placeholders(loaded.workflow).values():
        module = entry_point_module(loaded.package, function)
        source = loaded.found.project.source_folder
        try:
            found[function] = load_handler(source, f"{module}:handler")
        except HandlerLoadError as error:
            entry_point = source.joinpath(*module.split(".")).with_suffix(".py")
            help_ = None if entry_point.is_file() else "run `flowgen generate`, which writes the entry points"
            message = f"the handler of `{function}` can't be loaded: {error}"
            problems[function] = Diagnostic("FG603", message, None, help=help_)
    return found, problems
