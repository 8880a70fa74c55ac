"""Asking for a server: who wants which, what for, and what became of it."""
