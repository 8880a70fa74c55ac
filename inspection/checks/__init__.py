"""Checks of what a server offers: pure functions over a manifest, each declared with its reason and its sources."""
