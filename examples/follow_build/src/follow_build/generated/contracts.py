# Made by flowgen from workflows/follow_build.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: ce49d9271934c340
"""What the functions of `follow_build` take and give, and the errors that they may raise."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol, TypeVar, final

from .json_values import ContractViolation
from .models import Build, Job
from .runtime import DeclaredError, StepContext

__all__ = [
    "BuildFailed",
    "ContractViolation",
    "LookAtBuildHandler",
    "StartBuildHandler",
    "StepContext",
    "look_at_build",
    "start_build",
]


@final
class BuildFailed(DeclaredError):
    """Raised by `look_at_build`."""


class StartBuildHandler(Protocol):
    """Have the revision built."""

    def __call__(self, event: Build, context: StepContext, /) -> Job | Awaitable[Job]: ...


_StartBuild = TypeVar("_StartBuild", bound=StartBuildHandler)


def start_build(handler: _StartBuild) -> _StartBuild:
    """Hold a handler to this contract; it is given back as it is."""
    return handler


class LookAtBuildHandler(Protocol):
    """See how far the build is."""

    def __call__(self, event: Job, context: StepContext, /) -> Job | Awaitable[Job]: ...


_LookAtBuild = TypeVar("_LookAtBuild", bound=LookAtBuildHandler)


def look_at_build(handler: _LookAtBuild) -> _LookAtBuild:
    """Hold a handler to this contract; it is given back as it is."""
    return handler
