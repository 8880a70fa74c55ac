"""What the world says of packages, taken in from feeds: advisories, what is exploited, and how likely that is."""
