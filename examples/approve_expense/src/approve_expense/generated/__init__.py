# Made by flowgen from workflows/approve_expense.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 736dcb25199fb1ad
"""Generated code of `approve_expense`."""
