"""Servers: asked for, registered, changed, deployed, approved, rated by hand and moved."""
