"""The supply chain: what servers are built from, what hits them, what is said of that and what to do about it."""
