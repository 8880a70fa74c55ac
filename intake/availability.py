"""How a server stands for somebody who wants to use it: it can be used, can be asked for, or was stopped."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from accounts import access
from accounts.access import Capability
from accounts.models import Unit
from containment.calls import deciding
from containment.clients import connecting
from containment.clients.connecting import Connection
from decisions.models import Approval
from intake.models import ServerRequest
from riskregister import nouns
from vendors.models import Server

# So many approvers are named as those to talk to.
NAMED = 3
STOPPED = (Server.Status.SUSPENDED, Server.Status.REJECTED)
# The version behind the name of a package: "@scope/name@1.2.3", "name==1.2.3".
_VERSION = re.compile(r"(==|(?<=.)@)[^/@]*$")


@dataclass(frozen=True, slots=True)
class Stop:
    """That a server was suspended or rejected: on which day, whom to ask, and why, where that is for whoever asks."""

    server: Server
    on: date | None
    why: str
    who: str

    @property
    def words(self) -> str:
        """Return it in sentences."""
        since = f" since {self.on:%-d %b %Y}" if self.on else ""
        reason = f" {self.why.strip().rstrip('.')}." if self.why else ""
        return f"{self.server.title} is {self.server.get_status_display().lower()}{since}.{reason} Talk to {self.who}."


def named(what: str, *, unit: Unit) -> Server | None:
    """Return the registered server of the unit that these words name, None for none and for several.

    They may be its registry name, number, key in a client's configuration, title, address, or package.
    """
    here = Server.objects.filter(unit=unit)
    number = nouns.card(Server).number_in(what) if what[:2].upper() == "S-" else None
    ways = (
        here.called(what),
        here.filter(number=number) if number else here.none(),
        here.keyed(what),
        here.filter(title__iexact=what),
        here.filter(releases__remotes__url=what),
        here.filter(releases__packages__identifier=_VERSION.sub("", what)),
    )
    found = {server.pk: server for way in ways for server in way.distinct()[:2]}
    current = [one for one in found.values() if one.status != Server.Status.RETIRED]
    return current[0] if len(current) == 1 else None


def is_allowed(server: Server, *, now: datetime) -> bool:
    """Return whether agents of its unit may use the server now: an approval of what is pinned is in force."""
    return deciding.approved_now(Server.objects.filter(pk=server.pk), now=now).exists()


def connection(server_request: ServerRequest, *, now: datetime) -> Connection | None:
    """Return how to connect to the server of a granted request; None for any other, and while it may not be used."""
    server = server_request.server
    if server_request.status != ServerRequest.Status.GRANTED or server is None or not is_allowed(server, now=now):
        return None
    return connecting.of(server, now=now)


def stopped(server: Server, *, by: Any) -> Stop | None:
    """Return why the server may not even be asked for, None where it may.

    The reason of a decision is told to whoever may see the server; everybody is told whom to talk to.
    """
    if server.status not in STOPPED:
        return None
    why, at = _reason(server)
    may_see = Server.objects.visible_to(by).filter(pk=server.pk).exists()
    return Stop(server, timezone.localdate(at) if at else None, why if may_see else "", _whom_to_ask(server))


def _reason(server: Server) -> tuple[str, datetime | None]:
    if server.status == Server.Status.SUSPENDED:
        return server.suspension_reason, server.suspended_at
    decided = Approval.objects.filter(server=server, decision=Approval.Decision.REJECT).order_by("number").last()
    return (decided.reason, decided.decided_at) if decided else ("", None)


def _whom_to_ask(server: Server) -> str:
    if server.owner_id is not None and server.owner is not None:
        return f"{server.owner}, who owns it"
    approvers = access.people_who_can(Capability.DECIDE, unit_id=server.unit_id)[:NAMED]
    return " or ".join(str(one) for one in approvers) or "whoever administers the register"
