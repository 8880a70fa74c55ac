"""What is said of vulnerabilities in packages: taken in, matched with what hits servers, and decided about."""
