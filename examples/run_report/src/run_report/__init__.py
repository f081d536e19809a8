"""Run a container that makes a report, and announce the result."""
