"""Steps by which contracts are written down and move on, and what is typed of them."""
