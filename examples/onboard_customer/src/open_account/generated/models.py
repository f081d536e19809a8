# Made by flowgen from workflows/open_account.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: e6fd2fbc8e7a0d6a of types b0ce1d806b6e40eb
"""The types of `open_account`."""

from __future__ import annotations

from shared.generated.customers import Account, Customer

__all__ = ["Account", "Customer"]
