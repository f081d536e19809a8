"""What the workflows share."""
