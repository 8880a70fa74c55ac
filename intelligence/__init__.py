"""What the world says of threats: indicators, watch lists, and what of ours they hit."""
