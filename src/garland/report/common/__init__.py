"""What the reports of several answers share."""
