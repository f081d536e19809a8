# Made by flowgen from workflows. Do not edit: `flowgen generate` writes it again.
# Digest: babb2e71ce49289d
"""The types that workflows share."""
