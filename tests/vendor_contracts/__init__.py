"""Contracts with vendors, their clauses, and the law."""
