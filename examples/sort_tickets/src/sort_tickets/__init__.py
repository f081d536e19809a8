"""Assign each waiting support ticket to a team, store it and announce it."""
