# Made by flowgen from workflows/verify_account.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: bf888d857bb0fa6a
"""Generated code of `verify_account`."""
