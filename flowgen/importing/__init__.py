"""State machines in Amazon States Language as flowgen workflows."""
