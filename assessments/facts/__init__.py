"""Facts that the register knows of what is assessed, and how answers compare with them."""
