"""Who acts, and in which unit: people, units, memberships, tokens, and what each may see and do."""
