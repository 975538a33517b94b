"""Days, months and years: one length of the year for every station."""

DAYS_PER_YEAR = 365.25
"""Length of a year [d]."""
DAYS_PER_MONTH = DAYS_PER_YEAR / 12.0
"""Length of a month [d]."""
