# Made by flowgen from workflows/remind_user.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: b31fe0fd115baa9d of types abe0358cf3af497c
"""The types of `remind_user`."""

from __future__ import annotations

from .base import ContractModel, EmailText


class User(ContractModel):
    name: str
    email: EmailText
    times_reminded: int = 0
