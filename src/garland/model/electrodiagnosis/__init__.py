"""What the laboratory would measure, before the noise of observer and session."""
