# Made by flowgen from workflows/run_report.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 89ed370800255884 of types d340f52ee5d3f5ef
"""The types of `run_report`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.generated.base import ContractModel


class Report(ContractModel):
    month: Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{2}$")]


class Outcome(ContractModel):
    month: str
    done: bool
