# Made by flowgen from workflows/verify_account.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 8f5a93a1779e4a34
"""The types and contracts of `verify_account`, and what Lambda calls."""
