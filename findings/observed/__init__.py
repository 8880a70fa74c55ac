"""What is observed, and how it becomes a finding."""
