"""What others publish of threats, read a record at a time: pure, bounded, and what cannot be read is told by place."""
