"""Controls: question sets and frameworks, what is stated of their controls, and governance tiers."""
