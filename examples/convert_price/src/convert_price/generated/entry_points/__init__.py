# Made by flowgen from workflows/convert_price.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 019e6d1adcc8ba30
"""What Lambda calls: a module a function."""
