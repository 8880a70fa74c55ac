"""The people of the tests, by name: each has one role, so that a test says who acts and why they may.

alice is an analyst, bob an approver, mia a manager and carol an auditor, all of Payments; eve is an analyst of Research
(the outsider), ada administers the whole organisation.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from accounts import people
from accounts.models import Role, Unit, User
from audit.context import SYSTEM

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = date(2026, 3, 2)


@dataclass(frozen=True, slots=True)
class Cast:
    """Two units and six people."""

    payments: Unit
    research: Unit
    alice: User
    bob: User
    mia: User
    carol: User
    eve: User
    ada: User

    @property
    def everybody(self) -> dict[str, User]:
        """Return the people by name."""
        return {name: getattr(self, name) for name in ("alice", "bob", "mia", "carol", "eve", "ada")}


def assemble(*, now: datetime = NOON) -> Cast:
    """Return the cast, made through the same steps as real people."""
    ada = person("ada", role=Role.ADMINISTRATOR, unit=None, now=now)
    payments = people.open_unit(name="Payments", code="payments", by=ada, now=now)
    research = people.open_unit(name="Research", code="research", by=ada, now=now)
    return Cast(
        payments=payments,
        research=research,
        alice=person("alice", role=Role.ANALYST, unit=payments, now=now),
        bob=person("bob", role=Role.APPROVER, unit=payments, now=now),
        mia=person("mia", role=Role.MANAGER, unit=payments, now=now),
        carol=person("carol", role=Role.AUDITOR, unit=payments, now=now),
        eve=person("eve", role=Role.ANALYST, unit=research, now=now),
        ada=ada,
    )


def person(name: str, *, role: str, unit: Unit | None, now: datetime = NOON) -> User:
    """Return a new person with one role in a unit (None: the whole organisation)."""
    user = people.invite(email=f"{name}@example.org", name=name.capitalize(), by=SYSTEM, now=now)
    people.give_role(user, role=role, unit=unit, by=SYSTEM, now=now)
    return user
