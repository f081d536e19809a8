"""Checks settings of functions that only apply to published versions: SnapStart and provisioned concurrency."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flowgen.diagnostics import Diagnostic, Label, Span
from flowgen.model import Function, Workflow

SNAP_START_SINCE = (3, 12)
"""The first Python version with SnapStart."""
SNAP_START_STORAGE = 512
"""The most MiB of `/tmp` with SnapStart."""


def check_function_versions(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG564 to FG566: what Lambda rejects, and functions that a gradual deployment does not cover.

    Source: Lambda developer guide, "Improving startup performance with Lambda SnapStart" and "Configuring provisioned
    concurrency for a function".
    """
    for name, function in workflow.functions.items():
        if function.arn is not None or function.activity:
            continue
        if _setting(workflow, function, "snap_start")[0]:
            yield from _snap_start(workflow, name, function)
        if _setting(workflow, function, "provisioned")[0] is not None:
            yield from _provisioned(workflow, name, function)


def _setting(workflow: Workflow, function: Function, key: str) -> tuple[Any, Span]:
    """The value of a setting of a function or of `defaults.function`, and its span. None if neither sets it."""
    defaults = workflow.defaults.function if workflow.defaults is not None else None
    for sizing in (function, defaults):
        if sizing is not None and (value := getattr(sizing, key)) is not None:
            return value, sizing.span_of(key)
    return None, function.node.span


def _unversioned(workflow: Workflow) -> Span | None:
    """The span of `versions: false`."""
    deployment = workflow.deployment
    return None if deployment is None or deployment.versions else deployment.span_of("versions")


def _provisioned(workflow: Workflow, name: str, function: Function) -> Iterator[Diagnostic]:
    provisioned, at = _setting(workflow, function, "provisioned")
    concurrency, _ = _setting(workflow, function, "concurrency")
    unversioned, deployment = _unversioned(workflow), workflow.deployment
    if unversioned is not None:
        yield Diagnostic(
            "FG565",
            f"provisioned concurrency of `{name}` requires versions",
            at,
            secondary=(Label(unversioned, "versions are disabled here"),),
            help="remove `versions: false`, or remove `provisioned`",
        )
    if concurrency is not None and provisioned > concurrency:
        yield Diagnostic(
            "FG565",
            f"`provisioned` of `{name}` exceeds its `concurrency` of {concurrency:,}",
            at,
            "Lambda provisions only reserved invocations",
            help=f"set `concurrency` to at least {provisioned}, or lower `provisioned`",
        )
    if deployment is not None and deployment.versions and deployment.is_gradual:
        yield Diagnostic(
            "FG566",
            f"`{name}` switches to new code at once, despite the gradual deployment",
            at,
            "both versions of the workflow call the function's alias",
            secondary=(Label(deployment.span_of("type"), "gradual deployment"),),
            help="keep the function's input and output compatible, or remove `provisioned`",
        )


def _snap_start(workflow: Workflow, name: str, function: Function) -> Iterator[Diagnostic]:
    _, at = _setting(workflow, function, "snap_start")
    runtime, runtime_at = _setting(workflow, function, "runtime")
    provisioned, provisioned_at = _setting(workflow, function, "provisioned")
    storage, storage_at = _setting(workflow, function, "storage")
    unversioned = _unversioned(workflow)
    problems: list[tuple[str, Span, str]] = []
    if unversioned is not None:
        problems.append(("requires versions", unversioned, "remove `versions: false`"))
    if function.image is not None:
        problems.append(("conflicts with a container image", function.span_of("image"), "remove `image`"))
    elif runtime is not None and tuple(map(int, runtime.removeprefix("python").split("."))) < SNAP_START_SINCE:
        problems.append(("requires Python 3.12 or later", runtime_at, "write `runtime: python3.13`"))
    if provisioned is not None:
        problems.append(("conflicts with provisioned concurrency", provisioned_at, "remove `provisioned`"))
    if storage is not None and storage > SNAP_START_STORAGE:
        problems.append((f"allows at most {SNAP_START_STORAGE} MiB of storage", storage_at, "remove `storage`"))
    for problem, where, help_ in problems:
        yield Diagnostic(
            "FG564",
            f"SnapStart of `{name}` {problem}",
            at,
            secondary=(Label(where, "set here"),),
            help=f"{help_}, or write `snap_start: false`",
        )
