"""Email a new customer now and again after a week."""
