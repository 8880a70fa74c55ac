"""What is told outside the register: said, sent when it lets people be, tried again, and seen where it lies."""
