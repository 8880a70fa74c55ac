"""Packages: what package URLs and ecosystems call them, and whether an own one is the file that is on record."""
