"""Score a customer's credit."""
