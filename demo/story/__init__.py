"""What happens in the demo organisation, told per unit, day by day."""
