"""Ask a manager about an expense, and wait for the answer."""
