"""Where the collectors look: registries, addresses, domains and services; and how documents are fetched there."""
