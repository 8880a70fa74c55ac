"""What servers clients are configured with, machine by machine, and what becomes of those that nobody approved."""
