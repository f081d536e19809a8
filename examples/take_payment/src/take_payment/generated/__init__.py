# Made by flowgen from workflows/take_payment.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 3a5d07b9c074c0f3
"""Generated code of `take_payment`."""
