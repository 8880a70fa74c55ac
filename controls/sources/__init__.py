"""What sources say of controls, and where somebody states otherwise."""
