"""Forms about what is seen: in inventories, in use, and in the world."""
