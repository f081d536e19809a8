# Made by flowgen from workflows/follow_build.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 97fa9fbd613c8e5d of types e9d6c6f2208b869f
"""The types of `follow_build`."""

from __future__ import annotations

from typing import Literal

from shared.generated.base import ContractModel


class Build(ContractModel):
    repository: str
    revision: str


class Job(ContractModel):
    id: str
    status: Literal["queued", "running", "finished"]
