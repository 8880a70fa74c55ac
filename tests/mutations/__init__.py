"""What is changed behind the register, at random; `python -m tests.mutations` tries many."""
