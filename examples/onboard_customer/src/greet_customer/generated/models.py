# Made by flowgen from workflows/greet_customer.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 6943de93c8cca370 of types c9e7f964525935ee
"""The types of `greet_customer`."""

from __future__ import annotations

from shared.generated.customers import Customer

__all__ = [
    "Customer",
]
