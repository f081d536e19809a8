# Made by flowgen from workflows/open_account.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 5f117c74e58f5629
"""Generated code of `open_account`."""
