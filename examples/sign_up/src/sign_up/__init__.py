"""Record a new member and announce it, without any Lambda function."""
