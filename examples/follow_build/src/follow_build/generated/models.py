# Made by flowgen from workflows/follow_build.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 969d84de1634a95d of types 063aef0eb4048714
"""The types of `follow_build`."""

from __future__ import annotations

from typing import Literal

from .base import ContractModel


class Build(ContractModel):
    repository: str
    revision: str


class Job(ContractModel):
    id: str
    status: Literal["queued", "running", "finished"]
