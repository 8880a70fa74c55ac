"""What servers are used for and run behind, what stops with them, and how they could be left."""
