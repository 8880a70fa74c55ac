"""Assessments: their answers, the decisions on them, and the reviews that ask for them."""
