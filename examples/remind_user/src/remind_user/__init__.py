"""Remind somebody twice to finish signing up."""
