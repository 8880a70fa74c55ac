"""The doors at which gateways and clients ask: decisions, the registry of what is approved, and policy files."""
