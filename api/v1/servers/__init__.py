"""Servers: asked for, registered, changed, deployed and rated."""
