"""The room's job: what follows when a vendor changes, for its servers and for itself."""

from django.utils import timezone

from jobs import queue
from riskregister import nouns
from riskregister.unit_of_work import unit_of_work
from vendors import following
from vendors.models import Server, Vendor


@queue.handler(following.LATER, words="Bring up to date what follows a vendor")
def follow(running: queue.Running) -> None:
    """Tell those who follow a server or a vendor; done twice it changes nothing more."""
    reason = running.payload["reason"]
    # A unit of work within, so that those who follow are told once at its end.
    with running.finish(), unit_of_work():
        for server in nouns.hold_all(Server.objects.filter(pk__in=_named(running, "server"))):
            following.changed(server, reason=reason, now=timezone.now())
        for vendor in Vendor.objects.filter(pk__in=_named(running, "vendor")):
            following.vendor_changed(vendor, reason=reason, now=timezone.now())


def _named(running: queue.Running, what: str) -> list[str]:
    return [running.payload[what]] if what in running.payload else []
