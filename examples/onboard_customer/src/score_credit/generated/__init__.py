# Made by flowgen from workflows/score_credit.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 3da8550c8a636836
"""Generated code of `score_credit`."""
