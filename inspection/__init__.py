"""Looking at servers: what they offer now, asked over Streamable HTTP, or of a started package."""
