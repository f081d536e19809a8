# Made by flowgen from workflows. Do not edit: `flowgen generate` writes it again.
# Digest: 58325215caceb0fa
"""Generated code that the workflows share."""
