"""Fetch, check and load the day's sales; if a step fails, send a notification."""
