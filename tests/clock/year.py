"""Fifteen months in which everything that has a day comes to it: made through the steps, each on its own day."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from accounts import people, tokens
from accounts.access import Capability
from accounts.models import Role
from audit.context import SYSTEM
from decisions.models import Approval
from evidence import records
from exits import plans
from findings import acceptance, register
from findings.models import Finding
from scoring.scales import Severity
from tests import cast
from tests.assessments import scenes
from tests.assessments.scenes import Scene
from tests.cast import NOON, TODAY
from vendors.models import Server
from vendors.registering import deployments

DAY = timedelta(days=1)
# From 2 March 2026 to 13 June 2027.
DAYS = 468
APPROVALS, FINDINGS = 11, 59
# What is told of something that has a day: the event, and how many days after that day (before it: below 0).
Moments = tuple[tuple[str, int], ...]
OF_A_FINDING: Moments = (("finding.due_soon", -7), ("finding.due_soon", 0), ("finding.overdue", 1))
OF_AN_APPROVAL: Moments = (*(("approval.ending", -days) for days in (30, 7, 0)), ("approval.expired", 1))
OF_A_CONDITION: Moments = (("condition.due_soon", -7), ("condition.due_soon", 0), ("condition.missed", 1))
OF_AN_ACCEPTANCE: Moments = (*(("acceptance.ending", -days) for days in (30, 7, 0)), ("acceptance.expired", 1))
OF_EVIDENCE: Moments = (*(("evidence.expiring", -days) for days in (30, 7, 0)), ("evidence.expired", 1))
OF_A_TOKEN: Moments = (("token.expiring", -14), ("token.expiring", 0), ("token.expired", 1))
OF_A_ROLE: Moments = (("role.ending", -14), ("role.ending", 0), ("role.ended", 1))
# Nobody acknowledges: the managers after so many days of waiting, then the head.
LADDER = {"critical": (1, 3), "high": (3, 7), "medium": (14, 30), "low": (30, 60)}


@dataclass
class Year:
    """What happens on which day, and what must be told when: (event, id) -> the days, each once."""

    scene: Scene
    days: int = DAYS
    diary: dict[int, list[Callable[[datetime], object]]] = field(default_factory=dict)
    expected: Counter[tuple[str, Any, date]] = field(default_factory=Counter)

    def on(self, day: int, act: Callable[[datetime], object]) -> None:
        """Note what somebody does on a day."""
        self.diary.setdefault(day, []).append(act)

    def live(self, day: int) -> None:
        """Do what is noted for the day."""
        for act in self.diary.pop(day, ()):
            act(NOON + day * DAY)

    def expect(self, key: Any, day: date | None, moments: Moments) -> None:
        """Note what must be told of a row by its day, as far as the year goes."""
        assert day is not None
        for verb, after in moments:
            if day + after * DAY <= TODAY + (self.days - 1) * DAY:
                self.expected[verb, key, day + after * DAY] += 1


def begin(*, days: int = DAYS) -> Year:
    """Return the year with everything in the diary; the servers and their approvals are there from the first day."""
    year = Year(scenes.set_up(), days)
    for number in range(APPROVALS):
        _approve(year, number)
    for number in range(FINDINGS):
        year.on(number * 7, partial(_raise, year, number))
    for number in range(6):
        year.on(number * 40, partial(_accept, year, number))
        year.on(number * 30, partial(_document, year, number))
        year.on(number * 50, partial(_token, year, number))
        year.on(number * 60, partial(_role, year, number))
    year.on(20, partial(_leave, year))
    return year


def _approve(year: Year, number: int) -> None:
    """Let bob approve a server of its own for 40 to 440 days; every third with a condition; every second is used."""
    people_ = year.scene.people
    server = scenes.register(people_, f"com.example/number-{number}", publisher=year.scene.vendor)
    last_day = TODAY + (40 + 40 * number) * DAY
    how: dict[str, Any] = {"valid_until": last_day}
    if number % 3 == 0:
        how |= {
            "decision": Approval.Decision.APPROVE_WITH_CONDITIONS,
            "conditions": [(f"Rotate the keys of {number}.", TODAY + 25 * DAY)],
        }
    if number % 2 == 0:
        deployments.add_deployment(
            server, name="Desk", environment="production", agent=f"Agent {number}", in_use_since=TODAY,
            by=people_.alice, now=NOON, **cast.EXPOSURE,
        )  # fmt: skip
    approval = year.scene.approved(server, **how)
    year.expect(approval.pk, last_day, OF_AN_APPROVAL)
    for condition in approval.conditions.all():
        year.expect(condition.pk, condition.due_on, OF_A_CONDITION)


def _raise(year: Year, number: int, now: datetime) -> None:
    """Raise a finding of each severity in turn, which nobody ever fixes or acknowledges."""
    severity = list(Severity)[number % 4]
    finding = register.open_by_hand(
        year.scene.server, title=f"Gap {number}", severity=severity, dimension="provenance",
        by=year.scene.people.alice, now=now,
    )  # fmt: skip
    # One that is due within a week is told of with that day.
    year.expect(finding.pk, finding.due_on, OF_A_FINDING[1:] if severity == Severity.CRITICAL else OF_A_FINDING)


def _accept(year: Year, number: int, now: datetime) -> None:
    """Have bob accept the risk of a finding that nobody owns but alice, for 45 days."""
    alice, bob = year.scene.people.alice, year.scene.people.bob
    finding = register.open_by_hand(
        year.scene.server, title=f"Risk {number}", severity=Severity.LOW, dimension="provenance", by=alice, now=now
    )
    asked = acceptance.request(
        finding, reason="It waits.", compensating_control="A wall.", expires_on=now.date() + 45 * DAY, by=alice, now=now
    )
    granted = acceptance.grant(asked, note="Until then.", by=bob, now=now)
    year.expect(granted.pk, granted.expires_on, OF_AN_ACCEPTANCE)
    # The acceptance ends the day after its last one; the finding has kept its due date.
    finding = Finding.objects.get(pk=finding.pk)
    year.expect(finding.pk, finding.due_on, OF_A_FINDING)


def _document(year: Year, number: int, now: datetime) -> None:
    made = records.add_note(
        "Seen.", title=f"Visit {number}", issuer="organisation", unit=year.scene.people.payments,
        valid_until=now.date() + 60 * DAY, by=year.scene.people.alice, now=now,
    )  # fmt: skip
    year.expect(made.pk, made.valid_until, OF_EVIDENCE)


def _token(year: Year, number: int, now: datetime) -> None:
    alice = year.scene.people.alice
    token, _key = tokens.issue(
        alice, name=f"Export {number}", scopes=[Capability.READ], lifetime=90 * DAY, by=alice, now=now
    )
    year.expect(token.pk, token.expires_at.date(), OF_A_TOKEN)


def _role(year: Year, number: int, now: datetime) -> None:
    guest = cast.person(f"guest{number}", role=Role.AUDITOR, unit=year.scene.people.research, now=now)
    given = people.give_role(
        guest, role=Role.AUDITOR, unit=year.scene.people.payments, valid_until=now.date() + 45 * DAY, by=SYSTEM, now=now
    )
    year.expect(given.pk, given.valid_until, OF_A_ROLE)


def _leave(year: Year, now: datetime) -> None:
    server, alice = Server.objects.get(pk=year.scene.server.pk), year.scene.people.alice
    plan = plans.write(server, plan="Use files.", replacement="Files", days=1, by=alice, now=now)
    plans.record_failure(plan, tried_on=now.date(), note="It did not hold.", by=alice, now=now)
    year.expected["exit_plan.failed", plan.pk, now.date()] += 1
