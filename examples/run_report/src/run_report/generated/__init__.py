# Made by flowgen from workflows/run_report.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: e215a4c2687818b5
"""The types and contracts of `run_report`, and what Lambda calls."""
