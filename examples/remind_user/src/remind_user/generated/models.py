# Made by flowgen from workflows/remind_user.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 1740d279182e1d05 of types b0b3af44e219b37b
"""The types of `remind_user`."""

from __future__ import annotations

from shared.generated.base import ContractModel, EmailText


class User(ContractModel):
    name: str
    email: EmailText
    times_reminded: int = 0
