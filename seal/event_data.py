"""What an event says of something, for checks that must not fall over one that was rewritten."""

import json
from typing import Any

from audit.models import Event


def member(event: Event, name: str) -> Any:
    """Return a member of the data of an event, None where its body has none: that it was rewritten is found apart."""
    try:
        return json.loads(event.body)["data"].get(name)
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
