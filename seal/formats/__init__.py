"""The published forms of the seal: trees of hashes, signed notes, and time stamps."""
