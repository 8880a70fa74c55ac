"""The seal of the trail."""
