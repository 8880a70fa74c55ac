"""Who is told of what: the inbox, rules, channels, and escalations."""
