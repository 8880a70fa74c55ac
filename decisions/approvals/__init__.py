"""Approvals: what they lack, the decision, its conditions, and its end."""
