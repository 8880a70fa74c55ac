"""Ratings of servers: what they are worked out from, set by hand for a while, or worse than at the approval."""
