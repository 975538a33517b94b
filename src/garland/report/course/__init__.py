"""A course or forecast: page and terminal."""
