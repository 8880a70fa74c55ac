"""What the register sees by itself: runs of collectors, and what they observed."""
