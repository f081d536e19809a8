"""Give a customer an account with a number of its own."""
