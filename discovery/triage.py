"""What becomes of an unapproved use: registered, said to be a server that is known, denied, or watched until a day."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from accounts import principals
from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, step
from discovery import knowing
from discovery.models import UnapprovedUse
from riskregister.refusals import Refused
from scoring import deadlines
from vendors import belonging
from vendors.models import Server
from vendors.registering import registration

WRITE, Status = Capability.WRITE, UnapprovedUse.Status


class KnownAlready(Refused):
    """The unit has a server that is this already."""


def _why_known(use: UnapprovedUse) -> Exception | None:
    known = use.known
    if known is None:
        return None
    return KnownAlready(f"{known} is this server already. Have that one approved, or say that this is it.")


@step("unapproved_use.registered", needs=WRITE, to=Status.REGISTERED, unfit=_why_known)
def register(
    use: UnapprovedUse, *, name: str, title: str, purpose: str, by: Principal, now: datetime
) -> Done[UnapprovedUse]:
    """Return the use, which is a requested server of the unit from now on. Raises KnownAlready, and what
    `registration.register_server` raises.
    """
    if refusal := _why_known(use):
        raise refusal
    facts: dict[str, Any] = {"name": name, "title": title, "purpose": purpose}
    server = registration.register_server.within(unit=use.unit, **facts, by=by, now=now)
    return _is_server(use, server, by=by, now=now)


@step("unapproved_use.linked", needs=WRITE, to=Status.REGISTERED)
def link(use: UnapprovedUse, *, server: Server, by: Principal, now: datetime) -> Done[UnapprovedUse]:
    """Return the use, which is a server that the unit has on the register. Raises ServerOfAnotherUnit."""
    belonging.refuse_elsewhere(server, unit=use.unit)
    return _is_server(use, server, by=by, now=now)


@step("unapproved_use.denied", needs=WRITE, to=Status.DENIED, reason="reason")
def deny(use: UnapprovedUse, *, reason: str, by: Principal, now: datetime) -> UnapprovedUse:
    """Return the use, which must end; whoever triages is told once if it is seen again."""
    use.reason, use.told_again_at, use.watched_until = reason, None, None
    return _decided(use, by=by, now=now)


@step("unapproved_use.watched", needs=WRITE, to=Status.WATCHED, note="reason")
def watch(use: UnapprovedUse, *, until: date, by: Principal, now: datetime, reason: str = "") -> Done[UnapprovedUse]:
    """Return the use, which is let be until a day and then waits again. Raises Refused for a day that is not ahead."""
    today = timezone.localdate(now)
    if until == today or not deadlines.is_within_a_year(until, today=today):
        raise Refused("Give a day ahead, within a year.", field="until")
    use.reason, use.watched_until = reason, until
    return Done(_decided(use, by=by, now=now), until=until.isoformat())


def suggested_name(use: UnapprovedUse) -> str:
    """Return a name as registries write them, for a server that nobody has named yet."""
    if use.registry == "remote":
        host, _slash, path = use.package.partition("://")[2].partition("/")
        labels = [label for label in _plain(host.partition(":")[0]).split(".") if label]
        return f"{'.'.join(reversed(labels))}/{_plain(path.rpartition('/')[2]) or 'mcp'}"
    *before, last = [part for part in map(_plain, use.package.lstrip("@").split("/")) if part] or ["server"]
    return f"{before[-1] if before else use.registry}/{last}"


def _is_server(use: UnapprovedUse, server: Server, *, by: Principal, now: datetime) -> Done[UnapprovedUse]:
    knowing.say(server, identity=use.identity, digest=use.identity_digest)
    use.server, use.watched_until = server, None
    return Done(_decided(use, by=by, now=now), server=str(server), server_id=str(server.pk))


def _decided(use: UnapprovedUse, *, by: Principal, now: datetime) -> UnapprovedUse:
    use.decided_by, use.decided_at = principals.person_of(by), now
    return use


def _plain(text: str) -> str:
    return "".join(one for one in text if one.isascii() and (one.isalnum() or one in ".-_")).strip(".-_")
