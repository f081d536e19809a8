# Made by flowgen from workflows/book_trip.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 7c186a063252a5b1
"""The types and contracts of `book_trip`, and what Lambda calls."""
