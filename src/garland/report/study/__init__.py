"""A recorded study: page, PDF and terminal."""
