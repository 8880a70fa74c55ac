"""Assessments of servers and vendors: started, answered, checked and decided; and the reviews that ask for them."""
