"""Steps that put vendors, servers and deployments on the register, and change what it says of them."""
