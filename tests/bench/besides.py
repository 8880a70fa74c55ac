"""What stands beside servers and findings in a full register: deployments, evidence, acceptances, exit plans."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from accounts.models import User
from assessments.models import Assessment
from evidence.models import Evidence
from exits.models import ExitPlan
from findings.models import Finding, RiskAcceptance
from vendors.models import Deployment, Server


def fill(
    servers: Sequence[Server],
    assessments: Sequence[Assessment],
    findings: Sequence[Finding],
    people: Sequence[User],
    *,
    now: datetime,
) -> None:
    """Insert a deployment a server, a piece of evidence an assessment, and what follows from findings and servers."""
    chance = random.Random(2027)
    Deployment.objects.bulk_create(_deployments(chance, servers, now=now), batch_size=2_000)
    Evidence.objects.bulk_create(_evidence(chance, assessments, people[0], now=now), batch_size=2_000)
    RiskAcceptance.objects.bulk_create(_acceptances(chance, findings, people, now=now), batch_size=2_000)
    ExitPlan.objects.bulk_create(_exit_plans(chance, servers, people[0], now=now), batch_size=2_000)


def _deployments(chance: random.Random, servers: Sequence[Server], *, now: datetime) -> list[Deployment]:
    return [
        Deployment(
            number=i, server=one, name=f"Agent {i:05}", agent=f"agent-{i}", inherent_tier=one.inherent_tier,
            environment=chance.choice(Deployment.Environment.values),
            in_use_since=(now - timedelta(days=400)).date(),
            ended_on=(now - timedelta(days=chance.randint(1, 300))).date() if i % 7 == 0 else None,
        )
        for i, one in enumerate(servers, 1)
    ]  # fmt: skip


def _evidence(chance: random.Random, rows: Sequence[Assessment], by: User, *, now: datetime) -> list[Evidence]:
    return [
        Evidence(
            number=i, unit_id=None if i % 5 == 0 else one.unit_id, kind="link" if i % 3 else "note",
            issuer=chance.choice(Evidence.Issuer.values), title=f"Report {i:05} on controls", note="Seen and read.",
            url=f"https://evidence.example/{i}", issued_on=(now - timedelta(days=500)).date(),
            valid_until=(now + timedelta(days=chance.randint(-200, 400))).date() if i % 4 else None,
            added_by=by, added_at=one.created_at,
        )
        for i, one in enumerate(rows, 1)
    ]  # fmt: skip


def _acceptances(
    chance: random.Random, findings: Sequence[Finding], people: Sequence[User], *, now: datetime
) -> list[RiskAcceptance]:
    accepted = [one for one in findings if one.status == Finding.Status.ACCEPTED]
    return [
        RiskAcceptance(
            number=i, unit_id=one.unit_id, finding=one, status="granted", reason="The server is replaced next year.",
            compensating_control="Calls are logged.", requested_by=people[0], requested_at=one.created_at,
            decided_by=people[3], decided_at=one.created_at,
            expires_on=(now + timedelta(days=chance.randint(-100, 300))).date(),
        )
        for i, one in enumerate(accepted, 1)
    ]  # fmt: skip


def _exit_plans(chance: random.Random, servers: Sequence[Server], by: User, *, now: datetime) -> list[ExitPlan]:
    return [
        ExitPlan(
            number=i, unit_id=one.unit_id, server=one, plan="Move to the other one.", replacement=f"Server {i:05} b",
            days=chance.randint(1, 90), written_by=by, written_at=one.created_at, status="ready" if i % 2 else "draft",
            tried_on=(now - timedelta(days=chance.randint(1, 300))).date() if i % 2 else None,
            counts_until=(now + timedelta(days=60)).date() if i % 2 else None,
        )
        for i, one in enumerate(servers[::4], 1)
    ]  # fmt: skip
