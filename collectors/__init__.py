"""Evidence that the register gathers itself: what package registries, addresses and domains show of a server."""
