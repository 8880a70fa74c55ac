"""The arithmetic of the method: pure, without Django."""
