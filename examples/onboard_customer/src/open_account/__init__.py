"""Open an account with a new number for a customer."""
