"""Convert a price with the current exchange rate, or with the last known one."""
