"""Logs of egress, taken: which hosts a server contacted, counted; nothing else of a line is kept."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from intelligence import matching
from intelligence.models import EgressContact, EgressLog
from intelligence.reading import egress
from intelligence.reading.documents import Source
from intelligence.reading.indicators import Bad
from riskregister import nouns, unseen
from riskregister.refusals import Refused
from vendors.models import Deployment, Server

# More hosts than that nobody looks through: such a log is not of one server.
MOST_HOSTS = 20_000
_AT_ONCE = 500


class NotOfTheServer(Refused):
    """The deployment is one of another server."""


class NothingInIt(Refused):
    """The log holds nothing of whom was asked for."""


@dataclass
class _Tally:
    """What was seen of one host: when first and last, how often."""

    first: datetime
    last: datetime
    count: int = 0

    def take(self, at: datetime) -> None:
        """Count one more."""
        self.first, self.last, self.count = min(self.first, at), max(self.last, at), self.count + 1


Place = tuple[str, int, bool]


@dataclass(frozen=True, slots=True)
class Taken:
    """A log, read and counted; `unread` are the lines that could not be read."""

    form: str
    digest: str
    client: str
    hosts: dict[Place, _Tally]
    unread: int
    first_unread: str


def read(source: Source, *, client: str = "") -> Taken:
    """Return a log, counted: the lines of one client (an address, a pod, or what a pod's name begins with), or all.

    Raises indicators.Unusable for what is no log, Refused for one without a line of the client, and for too many hosts.
    """
    log = egress.read(source)
    hosts: dict[Place, _Tally] = {}
    unread, first_unread = _count(log.contacts, client, hosts)
    if not hosts:
        whom = f" of {client}" if client else ""
        raise NothingInIt(f"The log holds no contact{whom}. Look at whose lines you asked for.", field="client")
    return Taken(log.form, hashlib.sha256(source).hexdigest(), client.strip(), hosts, unread, first_unread)


@step("egress.taken", needs=Capability.DISCOVER, makes=EgressLog)
def take(
    server: Server, *, taken: Taken, deployment: Deployment | None = None, by: Principal, now: datetime
) -> Done[EgressLog]:
    """Return the log as it is kept, and match what it shows; the same log again changes nothing.

    Raises NotOfTheServer for a deployment of another server.
    """
    if deployment is not None and deployment.server_id != server.pk:
        raise NotOfTheServer(f"{deployment} is no deployment of {server}.", field="deployment")
    # Two logs of one server are counted one after the other.
    nouns.hold(server)
    about: dict[str, Any] = {"server": server, "deployment": deployment}
    if known := EgressLog.objects.filter(**about, client=taken.client, digest=taken.digest).first():
        return Unchanged(known)
    log = EgressLog.objects.create(
        **about, form=taken.form, client=taken.client, digest=taken.digest, taken_by=by.person, taken_at=now,
        contacts_read=sum(one.count for one in taken.hosts.values()), hosts=len(taken.hosts), unread=taken.unread,
        first_unread=taken.first_unread,
    )  # fmt: skip
    _keep(log, taken.hosts)
    done = Done(log, form=log.form, hosts=log.hosts, unread=log.unread)
    return done.and_then(lambda: matching.match(server, now=now))


def _count(contacts: Iterable[egress.Contact | Bad], client: str, hosts: dict[Place, _Tally]) -> tuple[int, str]:
    """Count contacts into `hosts`; return how many lines could not be read, and the first of them."""
    unread, first = 0, ""
    for one in contacts:
        if isinstance(one, Bad):
            unread += 1
            first = first or unseen.in_one_line(f"{one.place}: {one.why}", 600)
        elif _is_of(one.client, client.strip()):
            place = (one.host, one.port, one.was_let)
            hosts.setdefault(place, _Tally(one.at, one.at)).take(one.at)
            if len(hosts) > MOST_HOSTS:
                raise Refused(f"The log names more than {MOST_HOSTS:,} hosts. Name the client whose lines are meant.")
    return unread, first


def _is_of(client: str, asked: str) -> bool:
    # A pod is called by its deployment, with what the cluster adds behind it.
    return not asked or client == asked or client.startswith(f"{asked}-")


def _keep(log: EgressLog, hosts: dict[Place, _Tally]) -> None:
    about = {"server": log.server, "deployment": log.deployment}
    known = {(row.host, row.port, row.was_let): row for row in EgressContact.objects.filter(**about)}
    changed = []
    for place, seen in hosts.items():
        row = known.get(place)
        if row is not None:
            row.first_seen_at, row.last_seen_at = min(row.first_seen_at, seen.first), max(row.last_seen_at, seen.last)
            row.count, row.log = row.count + seen.count, log
            changed.append(row)
    EgressContact.objects.bulk_update(changed, ["first_seen_at", "last_seen_at", "count", "log"], batch_size=_AT_ONCE)
    EgressContact.objects.bulk_create(
        (
            EgressContact(
                **about, host=host, port=port, was_let=was_let, log=log, count=seen.count, first_seen_at=seen.first,
                last_seen_at=seen.last,
            )
            for (host, port, was_let), seen in hosts.items()
            if (host, port, was_let) not in known
        ),
        batch_size=_AT_ONCE,
    )  # fmt: skip
