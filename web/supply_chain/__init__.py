"""The supply chain: what servers are built from and hang on, what hits them, and what is said of that."""
