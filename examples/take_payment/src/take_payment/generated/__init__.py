# Made by flowgen from workflows/take_payment.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: c4ec979b3c5f5d16
"""The types and contracts of `take_payment`, and what Lambda calls."""
