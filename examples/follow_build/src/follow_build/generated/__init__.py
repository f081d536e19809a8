# Made by flowgen from workflows/follow_build.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 16ba2db591e398d4
"""Generated code of `follow_build`."""
