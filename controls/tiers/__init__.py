"""Governance tiers: what each asks for, which one is proposed, what is missing for it, and the way there."""
