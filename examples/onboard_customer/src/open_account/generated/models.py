# Made by flowgen from workflows/open_account.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 4cc28525efecd96c of types 360b3f63968294cd
"""The types of `open_account`."""

from __future__ import annotations

from shared.generated.customers import Account, Customer

__all__ = [
    "Account",
    "Customer",
]
