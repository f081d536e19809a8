# Made by flowgen from workflows/nightly_import.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 212def057c40ad88 of types af498e00cd634a74
"""The types of `nightly_import`."""

from __future__ import annotations

from pydantic import AwareDatetime

from .base import ContractModel


class Night(ContractModel):
    at: AwareDatetime


class File(ContractModel):
    path: str
    rows: int


class Loaded(ContractModel):
    rows: int
    cents: int
