# Made by flowgen from workflows/run_report.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 0a2c12e7fe0add78
"""Generated code of `run_report`."""
