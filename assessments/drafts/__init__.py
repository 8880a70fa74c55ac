"""Drafts: what they ask, what they begin with, what was said before, and how they move to the newest question set."""
