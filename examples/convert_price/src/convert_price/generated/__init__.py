# Made by flowgen from workflows/convert_price.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: bf27409b2df432b8
"""The types and contracts of `convert_price`, and what Lambda calls."""
