"""Experiments on whether Garland deserves trust and what it costs; see README.md. Not part of the package."""
