"""Code that the workflows share."""
