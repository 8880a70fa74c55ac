"""What vendors and people say of vulnerabilities in packages (VEX): read from documents, and written as such. Pure."""
