# Made by flowgen from workflows/nightly_import.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: fa34065caa902d81 of types 601e20935cdad4ec
"""The types of `nightly_import`."""

from __future__ import annotations

from pydantic import AwareDatetime

from shared.generated.base import ContractModel


class Night(ContractModel):
    at: AwareDatetime


class File(ContractModel):
    path: str
    rows: int


class Loaded(ContractModel):
    rows: int
    cents: int
