# Made by flowgen from workflows/greet_customer.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: b590796fd107a505 of types 7120ffeb4d1965ff
"""The types of `greet_customer`."""

from __future__ import annotations

from shared.generated.customers import Customer

__all__ = ["Customer"]
