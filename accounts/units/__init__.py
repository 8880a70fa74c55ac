"""Business units: opened and named, what belongs to them, who works in them, and whose turn it is."""
