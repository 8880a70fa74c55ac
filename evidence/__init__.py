"""What our statements rest on: immutable files by SHA-256, links and notes, with issuer, validity and verification."""
