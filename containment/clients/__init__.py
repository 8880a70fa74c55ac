"""What clients are given: the registry of what is approved, their policy files, and the canary."""
