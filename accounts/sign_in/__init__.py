"""How people get in: their passwords, links by which they set one, sessions, and the mails that tell of it."""
