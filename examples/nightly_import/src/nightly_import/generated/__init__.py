# Made by flowgen from workflows/nightly_import.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 26c697d94482dc51
"""The types and contracts of `nightly_import`, and what Lambda calls."""
