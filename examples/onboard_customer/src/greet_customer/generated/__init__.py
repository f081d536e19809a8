# Made by flowgen from workflows/greet_customer.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 603d496bcfc7e859
"""The types and contracts of `greet_customer`, and what Lambda calls."""
