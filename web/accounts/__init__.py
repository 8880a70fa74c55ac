"""People: how they sign in, what they choose for themselves, and the administration of all of them."""
