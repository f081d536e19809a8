# Made by flowgen from workflows/approve_expense.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: cf3e4a8129efdbd8
"""The types and contracts of `approve_expense`, and what Lambda calls."""
