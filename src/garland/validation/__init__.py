"""Validation: what cohorts and trials published, beside what the model says of the same patients."""
