"""Policies of gateways, where approvals are obeyed, and the walls around servers."""
