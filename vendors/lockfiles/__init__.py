"""Reads the lock files of package managers: which packages they fix, at which version, with which digests. Pure."""
