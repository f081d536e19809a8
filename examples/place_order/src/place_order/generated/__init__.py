# Made by flowgen from workflows/place_order.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: ca968cb40c4fc56e
"""The types and contracts of `place_order`, and what Lambda calls."""
