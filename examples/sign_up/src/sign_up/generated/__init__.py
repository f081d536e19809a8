# Made by flowgen from workflows/sign_up.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: d8b7e39c777321cd
"""The types and contracts of `sign_up`, and what Lambda calls."""
