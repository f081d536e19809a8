# Made by flowgen from workflows/sign_up.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 7778b090e0e1a89a of types 3365a492221097c6
"""The types of `sign_up`."""

from __future__ import annotations

from pydantic import AwareDatetime

from .base import ContractModel, EmailText


class Member(ContractModel):
    email: EmailText
    name: str
    age: int


class Membership(ContractModel):
    email: str
    joined_at: AwareDatetime
