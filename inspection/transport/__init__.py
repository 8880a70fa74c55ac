"""What is said to a server, and what carries it."""
