"""Take the money the way the customer chose."""
