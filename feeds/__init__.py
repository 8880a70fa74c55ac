"""What the world publishes, taken in again and again: feeds, their runs, and what could not be taken."""
