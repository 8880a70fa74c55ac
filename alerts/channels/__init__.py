"""The ways of telling somebody outside the register, one module each."""
