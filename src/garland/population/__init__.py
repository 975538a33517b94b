"""Who gets it: adults of a county, their hazard of radiculoplexus neuropathy, prevention, case-control."""
