# Made by flowgen from workflows/remind_user.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 5c5a144f6e7803df
"""The types and contracts of `remind_user`, and what Lambda calls."""
