"""Inventories: as they arrive, as they are taken in and kept, and what differs between two."""
