"""Book a flight and a car and take the money; what was booked is undone when anything fails."""
