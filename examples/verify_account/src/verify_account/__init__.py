"""Check a supplier's bank account and tax number at the same time."""
