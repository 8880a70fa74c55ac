"""What proves things: evidence, reports, and the sealed trail."""
