"""What is still to be compared with advisories: promised as jobs, so that no kill forgets it."""

from datetime import datetime

from jobs import queue
from riskregister.ids import uuid7
from vendors.models import Server

# The job that compares what a server is built from.
SERVER = "composition.server"


def promise_server(server: Server, *, now: datetime) -> None:
    """Promise to compare what a server is built from. Part of a step."""
    queue.enqueue(SERVER, key=f"{SERVER}:{server.pk}:{uuid7()}", now=now, server=str(server.pk))
