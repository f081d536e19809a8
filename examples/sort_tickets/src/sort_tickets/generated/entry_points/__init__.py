# Made by flowgen from workflows/sort_tickets.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 019e6d1adcc8ba30
"""What Lambda calls: a module a function."""
