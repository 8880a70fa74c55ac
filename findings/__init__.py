"""What is wrong, and what is done about it."""
