"""What a pipeline runs to ask the register, and the snippets that run it."""
