"""Take an order, have it paid and send it off."""
