"""How a server is left: what takes its place, in how many days, and when that was tried."""
