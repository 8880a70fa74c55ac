"""What is still to be done: the job table, its runner and its sweeper."""
