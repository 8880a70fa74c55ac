"""Vendors, what shows that they can be relied on, contracts with them, and what the law demands of these."""
