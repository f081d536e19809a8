"""Convert a price with the rate of the day, or with the last one known."""
