"""Write to a new customer now, and once more after a week."""
