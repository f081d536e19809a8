"""Collect a payment with the method that the customer chose."""
