"""Who is told of an event, as the event declares, as people chose, and until somebody has done it."""
