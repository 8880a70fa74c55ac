"""What clients are configured with: read, reported, compared with what is approved, and decided."""
