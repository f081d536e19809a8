# Made by flowgen from workflows/sort_tickets.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: f897b55067a8d8ce
"""Generated code of `sort_tickets`."""
