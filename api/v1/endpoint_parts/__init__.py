"""What endpoints have in common: references, scores, field histories, and files that are handed out."""
