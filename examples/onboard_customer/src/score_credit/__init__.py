"""Say how much credit a customer is good for."""
