"""A cohort: page and terminal."""
