"""What a reader sees: the consult as terminal text and as one HTML page."""
