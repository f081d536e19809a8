# Made by flowgen from workflows/open_account.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: ecec38d10ef84c97
"""The types and contracts of `open_account`, and what Lambda calls."""
