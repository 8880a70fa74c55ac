"""Question sets, methodology versions and controls, as versioned data."""
