# Made by flowgen from workflows/sign_up.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 939498728cdd2f2f of types c6b2c85d578149a7
"""The types of `sign_up`."""

from __future__ import annotations

from pydantic import AwareDatetime

from shared.generated.base import ContractModel, EmailText


class Member(ContractModel):
    email: EmailText
    name: str
    age: int


class Membership(ContractModel):
    email: str
    joined_at: AwareDatetime
