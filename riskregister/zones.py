"""What the organisation's zone is called at a moment."""

from datetime import datetime


def name(local: datetime) -> str:
    """Return the zone of a local moment as written behind the time: "UTC", "NZDT", or "UTC+05:45" without a word."""
    word = local.tzname() or ""
    return word if word.isalpha() else f"UTC{offset(local)}"


def offset(local: datetime) -> str:
    """Return how far a local moment is from UTC, e.g. "+13:00"."""
    return local.isoformat()[-6:]
