"""Ratings, approvals with conditions, overrides and reviews."""
