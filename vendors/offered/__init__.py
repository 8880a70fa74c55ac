"""What a server offers: as it was captured, in its canonical form with digests, and what changed of it."""
