"""Whom and what we depend on: vendors, MCP servers, their releases and deployments."""
