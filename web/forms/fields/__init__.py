"""Fields that several forms have: days, addresses, owners, tags, and what is known."""
