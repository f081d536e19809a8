"""Take in a customer, with work that has workflows of its own."""
