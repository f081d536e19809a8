"""Price, charge and ship an order."""
