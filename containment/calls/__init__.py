"""Calls: whether one may be made now, and what is kept of who asked."""
