"""Which controls are in place where, on what evidence, and what is missing for the tier that a deployment runs at."""
