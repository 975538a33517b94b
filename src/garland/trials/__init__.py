"""Trials: arms, randomisation, visits, outcomes and looks, and what a design can see, over many trials."""
