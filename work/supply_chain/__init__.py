"""The health of the supply chain: how each server stands on each level, what is open, and what hangs on whom."""
