"""Comparing open assessments anew: what was observed ages, and contradicts and shows nothing once it is stale."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from assessments.drafts import drafts
from assessments.models import Assessment
from monitoring.models import Observation
from riskregister import nouns
from riskregister.unit_of_work import unit_of_work
from vendors.models import Server


def compare_anew(*, now: datetime) -> int:
    """Let each open assessment of a server of which facts were observed take in what counts by now; return how many.

    A new look has its assessment follow at once; that a look has gone stale nobody says. Each in its own transaction:
    called without one.
    """
    observed = Observation.objects.filter(server=OuterRef("server")).exclude(fact="")
    waiting = Assessment.objects.filter(Exists(observed), status__in=Assessment.WAITING)
    servers = list(Server.objects.filter(pk__in=waiting.values("server")).order_by("pk"))
    for server in servers:
        _follow(server, now=now)
    return len(servers)


@unit_of_work()
def _follow(server: Server, *, now: datetime) -> None:
    nouns.hold(server)
    drafts.follow(server, reason="What was observed has aged.", now=now)
