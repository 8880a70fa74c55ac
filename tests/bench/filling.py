"""Fills an empty register for the benchmark by inserted rows: 100,000 findings of 5,000 servers and 1,000 vendors.

The rows are plausible, not true: no step made them. Nothing but the benchmark uses this; the demo organisation is built
through the product's own steps.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import Model

from accounts.models import Membership, Role, Unit, User
from alerts.models import Alert
from assessments import lifecycle
from assessments.models import Assessment
from audit.models import Event, Outbox
from catalogue.models import Dimension, MethodologyVersion, QuestionSet
from catalogue.publishing import SET_KEY
from decisions.models import Approval, RatingRecord, Review, ServerRating
from findings.models import Finding
from numbering.models import Numbering
from riskregister import nouns
from riskregister.canonical import canonical, digest
from scoring.scales import Band, Residual, Severity
from tests.assessments import scenes
from tests.bench import agreed, besides
from vendors.models import Release, Server, ServerSupplier, Vendor, VendorKind

UNITS = ("Payments", "Research", "Claims", "Lending", "Retail", "Trading", "Support", "People", "Legal", "Technology")
TITLES = (
    "Releases are not signed",
    "The server holds a key with write access to all projects",
    "Tool descriptions are passed on to the model unread",
    "Nobody knows where prompts are stored",
    "Logs of tool calls are kept for less than 90 days",
    "A dependency with a known weakness is three versions old",
    "The vendor names no contact for security reports",
    "There is no plan for when the vendor stops the service",
)
REASON = "The risks that are left are known and dealt with. " * 5
STATUSES = {"proposed": 2, "open": 25, "remediating": 12, "awaiting_verification": 4, "accepted": 7, "closed": 45,
            "dismissed": 5}  # fmt: skip
M = TypeVar("M", bound=Model)


# Findings are recorded on these in turn, so that none gets hundreds within minutes.
JUDGED_BY_STEPS = 12


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows are inserted; the last unit is small, so that a report of its register lists few findings."""

    findings: int
    servers: int
    small_findings: int

    @property
    def vendors(self) -> int:
        """Return how many vendors stand behind the servers."""
        return self.servers // 5

    @property
    def small_servers(self) -> int:
        """Return how many servers the small unit has."""
        return max(self.small_findings // 20, 1)


FULL = Size(findings=100_000, servers=5_000, small_findings=200)


@dataclass(frozen=True, slots=True)
class Register:
    """Who and what the requests of the benchmark are about."""

    administrator: User
    analyst: User
    manager: User
    unit: Unit
    small: Unit
    servers: list[Server]
    finding: Finding
    # The one with 200 contracts.
    vendor: Vendor


def fill(*, now: datetime, size: Size = FULL, judged_by_steps: int = JUDGED_BY_STEPS) -> Register:
    """Return the register after filling it; the same `now` gives the same rows but for their ids."""
    chance = random.Random(2026)
    units = _kept(Unit, (Unit(name=name, code=name.lower()) for name in UNITS))
    people = [_people(unit, now=now) for unit in units]
    administrator = _person("Ada Administrator", None, Role.ADMINISTRATOR)
    vendors = _vendors(chance, size.vendors, now=now)
    servers = _servers(chance, size, units, people, now=now)
    _suppliers(chance, servers, vendors)
    assessments = _judge(chance, servers, people, units, now=now)
    findings = _findings(chance, size, servers, vendors, assessments, people, units, now=now)
    agreed.fill(vendors[0], now=now)
    besides.fill(servers, list(assessments.values()), findings, people[0], now=now)
    _events(findings, servers, administrator)
    take_numbers()
    chosen = [one for one in servers if one.unit_id == units[0].pk and one.pk not in assessments]
    judged = _judged_by_steps(chosen, judged_by_steps, people[0], now=now)
    return Register(
        administrator, people[0][0], people[0][5], units[0], units[-1],
        judged,
        next(one for one in findings if one.unit_id == units[0].pk),
        vendors[0],
    )  # fmt: skip


def _kept(model: type[M], rows: Iterable[M]) -> list[M]:
    return model._default_manager.bulk_create(rows, batch_size=2_000)


def _person(name: str, unit: Unit | None, role: str) -> User:
    user = User.objects.create_user(f"{name.lower().replace(' ', '.')}@example.org", name)
    Membership.objects.create(user=user, unit=unit, role=role)
    return user


def _people(unit: Unit, *, now: datetime) -> list[User]:
    """Return three analysts, two approvers and a manager of a unit."""
    roles = [Role.ANALYST] * 3 + [Role.APPROVER] * 2 + [Role.MANAGER]
    return [_person(f"{unit.name} {role.label} {i}", unit, role) for i, role in enumerate(roles, 1)]


def _vendors(chance: random.Random, count: int, *, now: datetime) -> list[Vendor]:
    vendors = _kept(Vendor, (
        Vendor(
            number=i, name=f"Vendor {i:04} Ltd", legal_entity=f"Vendor {i:04} Limited", website=f"https://v{i}.example",
            country=chance.choice(("GB", "DE", "US", "JP")), status=chance.choice(("active", "active", "prospective")),
            criticality=chance.choice(("critical", "high", "medium", "low")), created_at=_ago(chance, now),
        )
        for i in range(1, count + 1)
    ))  # fmt: skip
    _kept(VendorKind, (VendorKind(vendor=vendor, kind="mcp_publisher") for vendor in vendors))
    return vendors


def _servers(
    chance: random.Random, size: Size, units: Sequence[Unit], people: Sequence[Sequence[User]], *, now: datetime
) -> list[Server]:
    def of(i: int) -> int:
        return len(units) - 1 if i > size.servers - size.small_servers else i % (len(units) - 1)

    servers = _kept(Server, (
        Server(
            number=i, unit=units[of(i)], name=f"com.example.v{i}/server-{i}", title=f"Server {i:05}",
            status="requested", owner=chance.choice(people[of(i)]), created_at=_ago(chance, now),
            repository_url=f"https://code.example/{i}", inherent_tier=chance.choice((1, 2, 2, 3, 3, 3, 4)),
            is_in_use=chance.random() < 0.8,
        )
        for i in range(1, size.servers + 1)
    ))  # fmt: skip
    releases = _kept(Release, (
        Release(server=one, version="1.4.2", created_at=one.created_at, server_json=_document(chance, one))
        for one in servers
    ))  # fmt: skip
    for server, release in zip(servers, releases, strict=True):
        server.pinned_release = release
        server.status = chance.choice(("approved", "approved", "approved", "in_review", "requested", "retired"))
    Server.objects.bulk_update(servers, ["pinned_release", "status"], batch_size=1_000)
    return servers


def _document(chance: random.Random, server: Server) -> str:
    """Return a registry document as long as most are, of words that do not compress to nothing."""
    words = " ".join(f"{chance.getrandbits(40):x}" for _ in range(120))
    return canonical({"name": server.name, "title": server.title, "version": "1.4.2", "description": words})


def _suppliers(chance: random.Random, servers: Sequence[Server], vendors: Sequence[Vendor]) -> None:
    _kept(
        ServerSupplier,
        (ServerSupplier(server=one, vendor=chance.choice(vendors), role="publisher") for one in servers),
    )


def _judge(
    chance: random.Random,
    servers: Sequence[Server],
    people: Sequence[Sequence[User]],
    units: Sequence[Unit],
    *,
    now: datetime,
) -> dict[Any, Assessment]:
    """Return the final assessments of nine servers in ten, by server, with their ratings, approvals and reviews."""
    own = dict(zip((unit.pk for unit in units), people, strict=True))
    judged = [server for server in servers if chance.random() < 0.9]
    first = QuestionSet.objects.get(key=SET_KEY, version=1)
    method = {"question_set": first, "methodology": MethodologyVersion.objects.first()}
    assessments = _kept(Assessment, (
        Assessment(
            number=i, unit_id=one.unit_id, server=one, release_id=str(one.pinned_release_id),
            kind="initial", status="final",
            created_at=one.created_at, submitted_by=own[one.unit_id][0], submitted_at=one.created_at,
            finalised_by=own[one.unit_id][3], finalised_at=one.created_at, assignee=own[one.unit_id][0], **method,
        )
        for i, one in enumerate(judged, 1)
    ))  # fmt: skip
    by_server = {assessment.server_id: assessment for assessment in assessments}
    _kept(ServerRating, (_rating(chance, one, by_server.get(one.pk), now=now) for one in servers))
    _kept(Approval, (
        Approval(
            number=i, unit_id=one.judged_server.unit_id, server=one.judged_server, assessment=one,
            release_id=str(one.release_id),
            decision="approve", reason=REASON, residual="medium", decided_by=own[one.judged_server.unit_id][3],
            decided_at=one.created_at, valid_until=(now + timedelta(days=chance.randint(-60, 400))).date(),
        )
        for i, one in enumerate(assessments[::2], 1)
    ))  # fmt: skip
    _kept(Review, (
        Review(
            number=i, unit_id=one.judged_server.unit_id, server=one.judged_server, occasion="cadence:1",
            trigger="cadence", status="open" if i % 4 == 0 else "scheduled", created_at=one.created_at,
            assignee=own[one.judged_server.unit_id][i % 3],
            due_on=(now + timedelta(days=chance.randint(-20, 25) if i % 4 == 0 else chance.randint(31, 360))).date(),
        )
        for i, one in enumerate(assessments, 1)
    ))  # fmt: skip
    return by_server


def _rating(chance: random.Random, server: Server, assessment: Assessment | None, *, now: datetime) -> ServerRating:
    if assessment is None:
        none = Residual.NOT_ASSESSED.value
        return ServerRating(server=server, as_of=now, residual=none, residual_computed=none, residual_rank=0)
    scores = {key: chance.randint(35, 98) for key in Dimension.values}
    mean = sum(scores.values()) / len(scores)
    residual = list(Residual)[1 + min(3, int(mean - 45) // 12 if mean > 45 else 0)]
    band = Band.STRONG if mean >= 80 else Band.ADEQUATE if mean >= 60 else Band.WEAK
    rows = {
        key: {"key": key, "score": str(score), "band": Band.ADEQUATE.value, "coverage": "9/10", "confidence": "3/4"}
        for key, score in scores.items()
    }
    return ServerRating(
        server=server, as_of=now, assessment=assessment, score=f"{sum(scores.values())}/5", band=band.value,
        score_percent=Decimal(str(round(mean, 2))), residual=residual.value, residual_computed=residual.value,
        residual_rank=residual.rank, dimensions=rows, coverage="9/10", confidence="3/4",
        **{f"{key}_percent": Decimal(score) for key, score in scores.items()},
    )  # fmt: skip


def _findings(
    chance: random.Random,
    size: Size,
    servers: Sequence[Server],
    vendors: Sequence[Vendor],
    assessments: dict[Any, Assessment],
    people: Sequence[Sequence[User]],
    units: Sequence[Unit],
    *,
    now: datetime,
) -> list[Finding]:
    own = dict(zip((unit.pk for unit in units), people, strict=True))
    large, small = servers[: -size.small_servers], servers[-size.small_servers :]

    def rows() -> Iterator[Finding]:
        for i in range(1, size.findings + 1):
            status = chance.choices(list(STATUSES), list(STATUSES.values()))[0]
            if i <= size.small_findings:
                server, status = small[i % len(small)], chance.choice(("open", "remediating"))
            elif i % 50 == 0:
                vendor = chance.choice(vendors)
                yield _finding(chance, i, status, now=now, vendor=vendor, owner=chance.choice(people[0]))
                continue
            else:
                server = chance.choice(large)
            yield _finding(
                chance, i, status, now=now, server=server, unit_id=server.unit_id,
                assessment=assessments.get(server.pk), owner=chance.choice(own[server.unit_id]),
            )  # fmt: skip

    return _kept(Finding, rows())


def _finding(chance: random.Random, number: int, status: str, *, now: datetime, **whose: Any) -> Finding:
    opened = _ago(chance, now)
    closed = opened + (now - opened) * chance.random() if status == "closed" else None
    due = opened + timedelta(days=chance.choice((7, 30, 90, 180, 700)))
    return Finding(
        number=number, source="questionnaire", stable_key=f"bench-{number}",
        title=f"{chance.choice(TITLES)} ({number})",
        description="What was found, in two or three sentences. " * 3, recommendation="What to do about it. " * 3,
        severity=chance.choices(list(Severity), (1, 3, 5, 4))[0], dimension=chance.choice(Dimension.values),
        status=status, last_observed_at=opened, created_at=opened, opened_at=None if status == "proposed" else opened,
        due_on=None if status == "proposed" else due.date(), closed_at=closed,
        dismissed_at=opened if status == "dismissed" else None,
        close_reason="The fix was verified." if closed else "", answer_text="No", **whose,
    )  # fmt: skip


def _events(findings: Sequence[Finding], servers: Sequence[Server], actor: User) -> None:
    """Write the history that the findings and ratings would have left, already relayed, and the alerts of one inbox."""

    def recorded(verb: str, obj: Any, at: datetime, unit_id: Any, **data: str) -> Event:
        body = canonical({"verb": verb, "at": at.isoformat(), "object": {"label": str(obj)[:250]}, "data": data})
        return Event(
            verb=verb, at=at, scope="unit" if unit_id else "organisation", unit_id=unit_id,
            object_type=obj._meta.label_lower, object_id=obj.pk, object_label=str(obj)[:250], actor_kind="person",
            actor_id=str(actor.pk), actor_label=actor.name, body=body, digest=digest(body),
        )  # fmt: skip

    def rows() -> Iterator[Event]:
        for one in findings:
            yield recorded("finding.opened", one, one.created_at, one.unit_id)
            if one.closed_at:
                yield recorded("finding.closed", one, one.closed_at, one.unit_id)
        for server in servers:
            yield recorded("rating.changed", server, server.created_at, server.unit_id, was="high", residual="medium")

    _kept(RatingRecord, (
        RatingRecord(server=server, at=server.created_at, reason="Assessed", was="high", residual="medium", body="{}")
        for server in servers
    ))  # fmt: skip
    events = _kept(Event, rows())
    relayed = findings[0].created_at
    _kept(Outbox, (Outbox(event=event, relayed_at=relayed) for event in events))
    _kept(Alert, (
        Alert(
            event=event, recipient=actor, title=event.object_label, why="You administer the register",
            object_type=event.object_type, object_id=event.object_id, created_at=event.at, is_action=i % 3 == 0,
            read_at=event.at if i % 4 else None, settled_at=event.at if i % 6 == 0 else None,
        )
        for i, event in enumerate(events[:500])
    ))  # fmt: skip


def _judged_by_steps(servers: Sequence[Server], count: int, people: Sequence[User], *, now: datetime) -> list[Server]:
    """Return servers whose assessments are true ones: a new finding makes the register work their ratings out anew."""
    new = (Server.Status.REQUESTED, Server.Status.IN_REVIEW)
    chosen = [one for one in servers if one.status in new][:count]
    for server in chosen:
        assessment = lifecycle.start(server, kind=Assessment.Kind.INITIAL, by=people[0], now=now)
        scenes.fill_in(assessment, by=people[0], at=now, choices=scenes.NOTHING)
        lifecycle.submit(assessment, by=people[0], now=now)
        lifecycle.finalise(assessment, by=people[3], now=now, accept_dimensions=Dimension.values)
    return chosen


def take_numbers() -> None:
    """Let the register count on from the greatest number of each noun."""
    for noun in nouns.cards():
        if noun.prefix:
            last = noun.model._default_manager.order_by("-number").values_list("number", flat=True).first() or 0
            Numbering.objects.update_or_create(prefix=noun.prefix, defaults={"last": last})


def _ago(chance: random.Random, now: datetime) -> datetime:
    """Return a moment of the last three years."""
    return now - timedelta(seconds=chance.randint(60, 3 * 365 * 86_400))
