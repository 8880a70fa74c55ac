"""Small registers at random for the test of one number, one meaning: units, vendors that several units share, servers,
findings, acceptances and reviews, with days on both sides of today.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from accounts import people as people_steps
from accounts.models import Role, Unit, User
from assessments.models import Assessment
from audit import trail
from audit.context import SYSTEM
from catalogue.models import MethodologyVersion, QuestionSet
from decisions.models import Approval, Review, ServerRating
from findings.models import Finding, RiskAcceptance
from scoring.scales import Residual, Severity
from tests import cast
from tests.cast import NOON, TODAY
from vendors.models import Release, Server, ServerSupplier, Vendor

UNITS, VENDORS = 4, 3
_DAYS = st.integers(-45, 45)
_ROLES = [*ServerSupplier.SupplierRole.values]

SERVER = st.fixed_dictionaries({
    "unit": st.integers(0, UNITS - 1), "status": st.sampled_from(Server.Status.values), "is_in_use": st.booleans(),
    "vendors": st.sets(st.tuples(st.integers(0, VENDORS - 1), st.sampled_from(_ROLES)), max_size=3),
    "residual": st.sampled_from([None, *Residual]), "approved": st.none() | _DAYS, "review": st.none() | _DAYS,
    "worse": st.booleans(),
})  # fmt: skip
FINDING = st.fixed_dictionaries({
    "server": st.none() | st.integers(0, 5), "vendor": st.integers(0, VENDORS - 1), "due": _DAYS,
    "status": st.sampled_from(Finding.Status.values), "severity": st.sampled_from(list(Severity)),
    "owner": st.none() | st.integers(0, 3),
    "accepted": st.none() | st.tuples(st.sampled_from(RiskAcceptance.Status.values), _DAYS),
})  # fmt: skip
REGISTER = st.tuples(st.lists(SERVER, max_size=6), st.lists(FINDING, min_size=2, max_size=10))


@dataclass(frozen=True, slots=True)
class People:
    """Who looks: an administrator, a manager of one unit, a member of three units, an auditor; and the units."""

    units: tuple[Unit, ...]
    administrator: User
    manager: User
    member: User
    auditor: User
    vendors: tuple[Vendor, ...]

    @property
    def all(self) -> dict[str, User]:
        """Return them by what they are."""
        return {name: getattr(self, name) for name in ("administrator", "manager", "member", "auditor")}


def gather(made: cast.Cast) -> People:
    """Return the people of the test, with the two units of the cast and two more."""
    more = (Unit.objects.create(name=name, code=name.lower()) for name in ("Claims", "Lending"))
    units = (made.payments, made.research, *more)
    member = cast.person("tri", role=Role.ANALYST, unit=units[0])
    for unit in units[1:3]:
        people_steps.give_role(member, role=Role.APPROVER, unit=unit, by=SYSTEM, now=NOON)
    auditor = cast.person("audrey", role=Role.AUDITOR, unit=None)
    vendors = tuple(cast.a_vendor(made, f"Vendor {number} Ltd") for number in range(VENDORS))
    return People(units, made.ada, made.mia, member, auditor, vendors)


def fill(people: People, register: tuple[list[dict[str, Any]], list[dict[str, Any]]]) -> None:
    """Write the rows of a register that was drawn."""
    servers = [_server(people, number, facts) for number, facts in enumerate(register[0], start=1)]
    for number, facts in enumerate(register[1], start=1):
        _finding(people, servers, number, facts)


def _server(people: People, number: int, facts: dict[str, Any]) -> Server:
    unit = people.units[facts["unit"]]
    server = Server.objects.create(
        unit=unit, name=f"com.example/{number}", title=f"Server {number}", is_in_use=facts["is_in_use"],
        inherent_tier=2, created_at=NOON,
    )  # fmt: skip
    release = Release.objects.create(server=server, version="1.0.0", created_at=NOON)
    Server.objects.filter(pk=server.pk).update(status=facts["status"], pinned_release=release)
    for vendor, role in sorted(facts["vendors"]):
        ServerSupplier.objects.create(server=server, vendor=people.vendors[vendor], role=role)
    word = facts["residual"] or Residual.NOT_ASSESSED
    ServerRating.objects.create(
        server=server, as_of=NOON, residual=word, residual_computed=word, residual_rank=word.rank,
        worse_since=NOON if facts.get("worse") else None,
    )  # fmt: skip
    if facts["approved"] is not None:
        _approve(people, server, release, until=facts["approved"])
    if facts["review"] is not None:
        Review.objects.create(
            unit=unit, server=server, occasion=f"cadence:{number}", trigger="cadence", due_on=_day(facts["review"]),
            created_at=NOON,
        )  # fmt: skip
    return server


def _approve(people: People, server: Server, release: Release, *, until: int) -> None:
    assessment = Assessment.objects.create(
        unit=server.unit, server=server, release=release, kind="initial", status="cancelled", created_at=NOON,
        question_set=QuestionSet.objects.get(key="mcp-server", version=1),
        methodology=MethodologyVersion.objects.all()[0],
    )  # fmt: skip
    Approval.objects.create(
        unit=server.unit, server=server, assessment=assessment, release=release, decision="approve", reason="Good.",
        decided_by=people.administrator, decided_at=NOON, valid_until=_day(until),
    )  # fmt: skip


def _finding(people: People, servers: list[Server], number: int, facts: dict[str, Any]) -> None:
    place = facts["server"]
    server = servers[place] if place is not None and place < len(servers) else None
    vendor = None if server else people.vendors[facts["vendor"]]
    opened = NOON - timedelta(days=60)
    finding = Finding.objects.create(
        unit=server.unit if server else None, server=server, vendor=vendor, source="manual", stable_key=f"k{number}",
        title=f"Finding {number}", severity=facts["severity"], status=facts["status"], due_on=_day(facts["due"]),
        last_observed_at=NOON, created_at=opened, opened_at=opened,
        closed_at=NOON if facts["status"] == "closed" else None,
        dismissed_at=NOON if facts["status"] == "dismissed" else None,
        owner=None if facts["owner"] is None else list(people.all.values())[facts["owner"]],
    )  # fmt: skip
    trail.record("finding.opened", finding, by=SYSTEM, at=NOON, severity=Severity(facts["severity"]).word)
    if facts["accepted"]:
        status, until = facts["accepted"]
        _accept(people, finding, status=status, until=until, at=NOON)


def _accept(people: People, finding: Finding, *, status: str, until: int, at: datetime) -> None:
    decided = {} if status == "requested" else {"decided_by": people.administrator, "decided_at": at}
    RiskAcceptance.objects.create(
        unit=finding.unit, finding=finding, status=status, reason="It waits.", compensating_control="We look.",
        expires_on=_day(until), requested_by=people.manager, requested_at=at, **decided,
    )  # fmt: skip


def _day(offset: int) -> Any:
    return TODAY + timedelta(days=offset)
