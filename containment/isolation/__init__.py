"""What walls stand around a server: said once, and written for each thing that builds them."""
