# Made by flowgen from workflows/nightly_import.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: c3acfc259dff9091 of types b4c06ac5dad4447c
"""The types of `nightly_import`."""

from __future__ import annotations

from datetime import date as date_aliased

from .base import ContractModel


class Day(ContractModel):
    date: date_aliased


class File(ContractModel):
    path: str
    rows: int


class Loaded(ContractModel):
    rows: int
    cents: int
