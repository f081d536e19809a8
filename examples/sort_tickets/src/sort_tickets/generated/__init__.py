# Made by flowgen from workflows/sort_tickets.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: b86ddbcaa7e05806
"""The types and contracts of `sort_tickets`, and what Lambda calls."""
