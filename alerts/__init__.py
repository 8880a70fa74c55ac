"""Who must know: the inbox and e-mail, driven from the events."""
