"""A first guess at how powerful the tools of a server are, from what is declared and written of them."""
