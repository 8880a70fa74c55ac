"""The room's job: what follows for a server when its vendor changes."""

from django.utils import timezone

from jobs import queue
from riskregister import nouns
from riskregister.unit_of_work import unit_of_work
from vendors import following
from vendors.models import Server


@queue.handler(following.LATER, words="Bring a server up to date with its vendor")
def follow(running: queue.Running) -> None:
    """Tell those who follow a server; done twice it changes nothing more."""
    # A unit of work within, so that those who follow are told once at its end.
    with running.finish(), unit_of_work():
        for server in nouns.hold_all(Server.objects.filter(pk=running.payload["server"])):
            following.changed(server, reason=running.payload["reason"], now=timezone.now())
