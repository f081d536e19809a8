"""Keep a new member's record and announce it, with no code in between."""
