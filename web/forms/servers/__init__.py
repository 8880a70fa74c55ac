"""Forms about servers, their releases and deployments, and what they are used for."""
