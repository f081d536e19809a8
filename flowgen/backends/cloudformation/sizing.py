"""What a function gets: its own sizing over the workflow's `defaults.function` over ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowgen import source
from flowgen.diagnostics import Span
from flowgen.model import Function, Sizing, Workflow


@dataclass(frozen=True, slots=True)
class Settings:
    """A function's settings: `memory` in MiB, `timeout` in seconds (Lambda API reference, `CreateFunction`)."""

    memory: int
    timeout: int
    architecture: str
    runtime: str
    environment: Mapping[str, str]


BUILT_IN = Settings(memory=256, timeout=30, architecture="arm64", runtime="python3.13", environment={})


def settings(workflow: Workflow, function: Function) -> Settings:
    """The environment is merged variable by variable; of everything else the nearest wins."""
    sizings: list[Sizing] = [function]
    if workflow.defaults is not None and workflow.defaults.function is not None:
        sizings.append(workflow.defaults.function)
    environment: dict[str, str] = {}
    for sizing in reversed(sizings):
        environment |= sizing.environment
    return Settings(
        memory=next((sizing.memory for sizing in sizings if sizing.memory is not None), BUILT_IN.memory),
        timeout=next((sizing.timeout.seconds for sizing in sizings if sizing.timeout is not None), BUILT_IN.timeout),
        architecture=next((sizing.architecture for sizing in sizings if sizing.architecture), BUILT_IN.architecture),
        runtime=next((sizing.runtime for sizing in sizings if sizing.runtime), BUILT_IN.runtime),
        environment=environment,
    )


def name_span(workflow: Workflow, function: str) -> Span:
    """Where a function's name stands."""
    declared = workflow.node.get("functions")
    entry = declared.entry(function) if isinstance(declared, source.Mapping) else None
    return workflow.functions[function].node.span if entry is None else entry.key.span


def setting_span(workflow: Workflow, function: Function, key: str) -> Span:
    """Where the setting that holds for a function stands: at the function, else in the defaults."""
    defaults = workflow.defaults.function if workflow.defaults is not None else None
    if function.node.get(key) is None and defaults is not None and defaults.node.get(key) is not None:
        return defaults.span_of(key)
    return function.span_of(key)
