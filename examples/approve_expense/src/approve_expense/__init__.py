"""Ask a manager to approve an expense, and wait for the answer."""
