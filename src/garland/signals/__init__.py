"""A recording, where it came from a file or from the model, and what can be measured off it."""
