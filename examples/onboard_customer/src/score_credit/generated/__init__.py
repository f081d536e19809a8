# Made by flowgen from workflows/score_credit.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 3fbd394544afa53a
"""The types and contracts of `score_credit`, and what Lambda calls."""
