"""The demo organisation, built and removed through the product's own steps."""
