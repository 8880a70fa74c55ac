"""Releases of servers: what is recorded of each, the documents that bring it, and what differs between two."""
