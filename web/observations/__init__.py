"""What is seen: of servers, of what is in use, and of threats in the world."""
