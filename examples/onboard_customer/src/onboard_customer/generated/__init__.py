# Made by flowgen from workflows/onboard_customer.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 7ba4305513693f51
"""The types and contracts of `onboard_customer`, and what Lambda calls."""
