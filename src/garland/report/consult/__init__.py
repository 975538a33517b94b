"""The answer to a case: page and terminal."""
