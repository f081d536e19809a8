"""Run the report's container to its end and tell how it went."""
