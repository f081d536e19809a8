# Made by flowgen from workflows/book_trip.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 0c0f9069c70d37a5
"""Generated code of `book_trip`."""
