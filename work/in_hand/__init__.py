"""What people have in hand: what waits for them, is late, ends soon or is nobody's, and how it is handed over."""
