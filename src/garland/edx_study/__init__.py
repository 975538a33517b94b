"""A study as a laboratory does it: a protocol carried out on one patient, recorded, measured and told."""
