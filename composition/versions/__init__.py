"""Versions compared exactly as each ecosystem compares them: a key a version, which Python sorts. Pure."""
