"""Answers: given, supported, verified and scored; and who cannot be the second person."""
