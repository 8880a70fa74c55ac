"""The canary: an entry of the registry that no client may load, and a server that tells which one did.

The registry says of it that it is deleted, policy files deny it, and every decision does: a client that connects obeys
none of them.
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from accounts import steps
from audit.context import SYSTEM
from containment.calls import noting
from containment.clients import feed
from containment.models import Asker
from riskregister.unit_of_work import unit_of_work
from vendors.documents import server_json_schemas

VERSION = "1.0.0"
PATH = "/canary/mcp"
# Anybody on the network can call it by made-up names: so many a day are told, all are noted.
TOLD_A_DAY = 10
_SINCE = "2026-01-01T00:00:00Z"


def address() -> str:
    """Return where it answers."""
    return f"{settings.ORIGIN}{PATH}"


def name() -> str:
    """Return its registry name, below the host of the installation."""
    host = urlsplit(settings.ORIGIN).hostname or ""
    # The address of a version 6 host is no part of a name.
    return f"{'.'.join(reversed(host.split('.'))) if ':' not in host else 'register'}/canary"


def answer() -> dict[str, Any]:
    """Return it as a registry answers it: deleted, so that no client offers it."""
    document = {
        "$schema": server_json_schemas.address(server_json_schemas.NEWEST_DATE),
        "name": name(),
        "version": VERSION,
        "description": "Do not use. It finds clients that load what is not approved.",
        "remotes": [{"type": "streamable-http", "url": address()}],
    }
    return feed.as_answered(document, status="deleted", since=_SINCE, is_latest=True)


@unit_of_work()
def loaded(client: str, *, now: datetime) -> None:
    """Note that a client connected to it, and tell of one that nobody has seen there before."""
    asker = noting.asks(Asker.Kind.CANARY, client=client, token=None, now=now)
    if asker is None:
        return
    today = Asker.objects.filter(kind=Asker.Kind.CANARY, first_at__date=timezone.localdate(now))
    if today.count() <= TOLD_A_DAY:
        steps.record("asker.disobeyed", asker, by=SYSTEM, now=now)
