# Made by flowgen from workflows/greet_customer.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 7b48511bcfa56a5b
"""Generated code of `greet_customer`."""
