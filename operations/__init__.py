"""Running the register as a whole: its processes on one machine, and whether they can do their work."""
