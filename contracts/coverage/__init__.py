"""What contracts give, clause by clause, held against what is demanded."""
