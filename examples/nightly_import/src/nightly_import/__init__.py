"""Fetch, check and load the day's sales; whatever fails, somebody is told."""
