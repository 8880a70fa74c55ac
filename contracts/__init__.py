"""What was agreed with vendors: contracts and their clauses, and what the law demands of both."""
