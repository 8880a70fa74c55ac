"""The door for machines: the REST API."""
