"""What waits until somebody says that they have it: from the owner to the unit's managers to the head."""
