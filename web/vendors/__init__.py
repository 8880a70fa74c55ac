"""Vendors, and what shows that they can be relied on."""
