"""The document that a registry has of a server: read by its own schema, checked, and kept whole."""
