"""Book a flight and a car and charge the card; if a step fails, undo the previous ones."""
