"""The settings of a function: its own, then the workflow's `defaults.function`, then flowgen's defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flowgen import source
from flowgen.diagnostics import Span
from flowgen.model import Function, Sizing, Vpc, Workflow
from flowgen.model.functions import DEFAULT_TIMEOUT
from flowgen.model.stack_values import StackValue

_Setting = TypeVar("_Setting")


@dataclass(frozen=True, slots=True)
class FunctionSettings:
    """A function's settings (Lambda API reference, `CreateFunction`).

    `memory` and `storage` in MiB, `timeout` in seconds, `concurrency` is reserved. `provisioned` is the number of
    execution environments that are always ready. None means Lambda's default.
    """

    memory: int = 256
    timeout: int = DEFAULT_TIMEOUT
    architecture: str = "arm64"
    runtime: str = "python3.13"
    environment: Mapping[str, StackValue] = field(default_factory=dict)
    storage: int | None = None
    concurrency: int | None = None
    provisioned: int | None = None
    snap_start: bool = False
    layers: tuple[StackValue, ...] = ()
    vpc: Vpc | None = None
    policies: tuple[Mapping[str, Any], ...] = ()


BUILT_IN = FunctionSettings()


def settings(workflow: Workflow, function: Function) -> FunctionSettings:
    """Environments merge by variable, policies add up; for everything else the most specific setting wins."""
    sizings: list[Sizing] = [function]
    if workflow.defaults is not None and workflow.defaults.function is not None:
        sizings.append(workflow.defaults.function)
    environment: dict[str, StackValue] = {}
    for sizing in reversed(sizings):
        environment |= sizing.environment

    def nearest(read: Callable[[Sizing], _Setting | None], otherwise: _Setting) -> _Setting:
        return next((value for sizing in sizings if (value := read(sizing)) is not None), otherwise)

    return FunctionSettings(
        memory=nearest(lambda sizing: sizing.memory, BUILT_IN.memory),
        timeout=nearest(lambda sizing: None if sizing.timeout is None else sizing.timeout.seconds, BUILT_IN.timeout),
        architecture=nearest(lambda sizing: sizing.architecture, BUILT_IN.architecture),
        runtime=nearest(lambda sizing: sizing.runtime, BUILT_IN.runtime),
        environment=environment,
        storage=nearest(lambda sizing: sizing.storage, BUILT_IN.storage),
        concurrency=nearest(lambda sizing: sizing.concurrency, BUILT_IN.concurrency),
        provisioned=nearest(lambda sizing: sizing.provisioned, BUILT_IN.provisioned),
        snap_start=nearest(lambda sizing: sizing.snap_start, BUILT_IN.snap_start),
        layers=nearest(lambda sizing: sizing.layers, BUILT_IN.layers),
        vpc=nearest(lambda sizing: sizing.vpc, BUILT_IN.vpc),
        policies=tuple(statement for sizing in reversed(sizings) for statement in sizing.policies),
    )


def name_span(workflow: Workflow, function: str) -> Span:
    """The span of a function's name."""
    declared = workflow.node.get("functions")
    entry = declared.entry(function) if isinstance(declared, source.Mapping) else None
    return workflow.functions[function].node.span if entry is None else entry.key.span


def setting_span(workflow: Workflow, function: Function, key: str) -> Span:
    """The span of the setting that applies to a function: the function's own, else the one in the defaults."""
    defaults = workflow.defaults.function if workflow.defaults is not None else None
    if function.node.get(key) is None and defaults is not None and defaults.node.get(key) is not None:
        return defaults.span_of(key)
    return function.span_of(key)
