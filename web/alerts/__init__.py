"""Who is told of what: rules, channels, escalations, and who is on call."""
