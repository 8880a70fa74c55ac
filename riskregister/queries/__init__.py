"""What the database is asked and told: compiled queries, many rows at once, orders, positions, and search by words."""
