"""Forms about assessments: their answers and evidence, their decision, and reviews."""
