"""Take the waiting support tickets, decide who looks after each, and tell them."""
