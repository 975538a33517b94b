"""Cohorts of virtual patients of any size, written as tables that people load."""
