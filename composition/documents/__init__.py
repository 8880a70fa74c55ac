"""Inventories as documents: SBOMs read and written. Plain data, no Django."""
