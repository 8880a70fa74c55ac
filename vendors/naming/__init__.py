"""How addresses, packages, repositories, countries and legal entities are named, and told from others. Pure."""
