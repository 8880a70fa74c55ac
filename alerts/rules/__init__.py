"""Rules: what they select, whom they tell, and what they would have said."""
