"""Building the demo organisation: through the steps of the product, under a moved clock, in one transaction."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from accounts.models import Unit
from alerts import relay
from assessments.models import Assessment
from audit import context, trail
from catalogue import publishing
from demo import logins, organisation
from demo.diary import Diary, field_history_at
from demo.organisation import CAST, COMMAND
from demo.story import (
    agreements,
    alerting,
    assurances,
    gateways,
    inventories,
    judged,
    landscape,
    looks,
    machines,
    payments,
    research,
    threats,
    tiers,
    wishes,
)
from reports import requests
from riskregister.refusals import Refused
from vendors.models import Server, Vendor

BEGINS = 425


class RegisterInUse(Refused):
    """There is something in the register already, and the demo organisation is for an empty one."""


def is_loaded() -> bool:
    """Return whether the demo organisation is in the register."""
    return Unit.objects.filter(is_demo=True).exists()


@transaction.atomic
def build(*, now: datetime, progress: Callable[[str], object]) -> str:
    """Build 14 months of history up to `now`, and return the logins, which are also kept in the data folder.

    `progress` hears how far it is. Killed or failed, it leaves nothing. Raises RegisterInUse unless the register is
    empty.
    """
    if Unit.objects.exists() or Vendor.objects.exists() or Server.objects.exists():
        raise RegisterInUse("There are units, vendors or servers in the register. Load the demo into an empty one.")
    publishing.publish_catalogue(now=now)
    passwords = {first: logins.make_password() for first in ("amara", *CAST)}
    diary = Diary(until=now)
    founded = _tell(diary, passwords, progress)
    everybody = [(founded.person(first), passwords[first]) for first in passwords]
    _ask_for_reports(founded, now=now)
    people = [str(person.pk) for person in founded.cast.values()]
    trail.record("demo.built", founded.unit("payments"), by=COMMAND, at=now, people=people)
    relay.relay_without_mail(now=now)
    # Before the commit: logins without a register are written again, a register without logins is locked for good.
    return logins.write(everybody)


def _tell(diary: Diary, passwords: dict[str, str], progress: Callable[[str], object]) -> organisation.Organisation:
    with field_history_at(diary), context.acting(COMMAND):
        diary.open(BEGINS)
        founded = organisation.found(diary, passwords)
        payments.tell(diary, founded)
        research.tell(diary, founded)
        gateways.tell(diary, founded)
        landscape.tell(diary, founded)
        judged.tell(diary, founded)
        alerting.tell(diary, founded)
        looks.tell(diary, founded)
        wishes.tell(diary, founded)
        machines.tell(diary, founded)
        inventories.tell(diary, founded)
        assurances.tell(diary, founded)
        threats.tell(diary, founded)
        agreements.tell(diary, founded)
        tiers.tell(diary, founded)
        diary.live(progress=lambda day: progress(f"{day:%B %Y}"))
    return founded


def _ask_for_reports(founded: organisation.Organisation, *, now: datetime) -> None:
    """Ask for two reports, which the first worker issues."""
    priya = founded.person("priya")
    stripe = Assessment.objects.filter(server__title="Stripe", status=Assessment.Status.FINAL).latest("number")
    with context.acting(context.actor_of(priya)):
        requests.request_assessment_report(stripe, by=priya, now=now)
        requests.request_register_report(unit=founded.unit("payments"), by=priya, now=now)
