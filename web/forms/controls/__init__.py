"""Forms about controls: frameworks, what is stated of their controls, and governance tiers."""
