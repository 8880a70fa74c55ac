"""The seal of the trail: a Merkle tree over what happened, signed checkpoints that leave the database, and checks."""
