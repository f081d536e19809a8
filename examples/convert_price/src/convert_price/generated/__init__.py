# Made by flowgen from workflows/convert_price.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 061e273d0f28161a
"""Generated code of `convert_price`."""
