# Made by flowgen from workflows/run_report.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 28df3c4f5641178e of types 371ed409de024dce
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
