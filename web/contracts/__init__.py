"""Contracts with vendors, their clauses, and what the law demands of them."""
