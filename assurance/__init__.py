"""What shows that a vendor can be relied on: due diligence, certificates and the reports of others."""
