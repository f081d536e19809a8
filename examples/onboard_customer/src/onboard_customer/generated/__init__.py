# Made by flowgen from workflows/onboard_customer.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 9b137f95b93f99f6
"""Generated code of `onboard_customer`."""
