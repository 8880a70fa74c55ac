"""What holds of controls in places: of all that is said of them, and of what is said more generally."""
