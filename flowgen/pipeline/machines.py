"""The state machines of workflows, and what a local execution of them calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flowgen.backends.artifacts import entry_point_module
from flowgen.diagnostics import Diagnostic
from flowgen.pipeline.build import Build


def definition(build: Build) -> dict[str, Any]:
    """The state machine of a workflow as JSON; its functions are placeholders (`${SendEmailFunction}`)."""
    return build.definition


def handlers(build: Build) -> tuple[dict[str, Callable[..., Any]], dict[str, Diagnostic]]:
    """The handlers of functions by name, as Lambda would call them, and why others cannot be loaded (FG603)."""
    from flowgen.compile import machine_placeholders
    from flowgen.local import HandlerLoadError, load_handler

    found: dict[str, Callable[..., Any]] = {}
    problems: dict[str, Diagnostic] = {}
    for function in machine_placeholders(build.workflow).values():
        module = entry_point_module(build.package_of(function), function)
        source = build.found.project.source_folder
        try:
            found[function] = load_handler(source, f"{module}:handler")
        except HandlerLoadError as error:
            entry_point = source.joinpath(*module.split(".")).with_suffix(".py")
            help_ = None if entry_point.is_file() else "run `flowgen generate`, which writes the entry points"
            message = f"the handler of `{function}` can't be loaded: {error}"
            problems[function] = Diagnostic("FG603", message, None, help=help_)
    return found, problems
