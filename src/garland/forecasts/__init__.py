"""Forecasts: the course of one patient over months, with and without treatment."""
