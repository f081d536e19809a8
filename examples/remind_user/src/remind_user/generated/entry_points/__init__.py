# Made by flowgen from workflows/remind_user.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: eba0c74000597770
"""Entry points for Lambda: one module per function."""
