"""Policies of gateways, the walls around servers, and whether approvals are obeyed."""
