"""People, their tokens and times, what the caller may do, and the jobs behind it all."""
