"""A trial: page and terminal."""
