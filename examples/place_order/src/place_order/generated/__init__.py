# Made by flowgen from workflows/place_order.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 254193c5f02478ad
"""Generated code of `place_order`."""
