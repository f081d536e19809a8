# Made by flowgen from workflows/follow_build.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 3ffa7e8c037d90c7
"""Contracts of `follow_build`: the signatures of its functions, and the errors they may raise."""

from __future__ import annotations

from typing import TypeAlias, TypeVar, final

from shared.generated.runtime import Contract as _Contract
from shared.generated.runtime import ContractViolation, DeclaredError, StepContext

from .models import Build, Job

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


StartBuildHandler: TypeAlias = _Contract[Build, Job]
_StartBuild = TypeVar("_StartBuild", bound=StartBuildHandler)


def start_build(handler: _StartBuild) -> _StartBuild:
    """Start a build of a revision."""
    return handler


LookAtBuildHandler: TypeAlias = _Contract[Job, Job]
_LookAtBuild = TypeVar("_LookAtBuild", bound=LookAtBuildHandler)


def look_at_build(handler: _LookAtBuild) -> _LookAtBuild:
    """Fetch the status of a build."""
    return handler
