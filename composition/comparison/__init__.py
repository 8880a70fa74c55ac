"""Versions of packages compared with advisories, and what to do about those that are hit."""
