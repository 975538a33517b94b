"""Published rows beside simulated ones: page and terminal."""
