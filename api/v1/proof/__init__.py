"""What proves things: evidence, reports, events, and the seal over them."""
