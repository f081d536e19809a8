# Made by flowgen from workflows/follow_build.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: f5136cff0c83cd4e
"""The types and contracts of `follow_build`, and what Lambda calls."""
