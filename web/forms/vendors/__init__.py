"""Forms about vendors, contracts with them, and what shows that they can be relied on."""
