"""Reviews: what asks for one, when it opens, who does it, and the assessment that it leads to."""
