"""Where servers run and what for: shared services, technical profiles, agents and the processes they serve."""
