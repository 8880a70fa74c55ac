"""Steps of shared services: registered, changed, assessed, ended; and which deployments run behind them."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts import access
from accounts.access import Capability
from accounts.models import Unit
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from accounts.units import other_units
from landscape import judging, naming
from landscape.models import DeploymentService, SharedService
from riskregister import nouns, versions
from riskregister.refusals import Conflict, Refused
from scoring import deadlines
from vendors import fields
from vendors.fields import Cleaner
from vendors.models import Deployment

WRITE = Capability.WRITE
STANDING = (SharedService.Status.STANDING,)
# An assessment counts a year unless somebody says otherwise.
COUNTS = timedelta(days=365)
_PERCENT = re.compile(r"\d{1,3}(\.\d{1,3})?")


def _percent(value: Any, field: str) -> str:
    percent = str(fields.word(8)(value, field)).removesuffix("%").strip()
    if percent and (not _PERCENT.fullmatch(percent) or Decimal(percent) > 100):
        raise Refused("Give per cent from 0 to 100, such as 99.95, or leave it open.", field=field)
    return percent


FIELDS: dict[str, Cleaner] = {
    "name": fields.name(160),
    "kind": fields.one_of(SharedService.Kind),
    "owner": fields.person,
    "vendor": fields.as_is,
    "availability_promised": _percent,
    "availability_measured": _percent,
    "is_single_point": fields.truth,
    "stand_in": fields.word(200),
    "can_be_bypassed": fields.truth,
    "bypassed_by": fields.word(300),
}


def of_other_units(service: SharedService, by: Principal) -> access.NotPermitted | None:
    """Return the refusal for who does not write in every unit with a deployment behind it; for others None."""
    if service.unit_id is not None:
        return None
    behind = Deployment.objects.filter(behind__service=service, ended_on=None)
    return other_units.refuse_of_these(by, WRITE, Unit.objects.filter(servers__deployments__in=behind))


def _taken(service: SharedService) -> Conflict:
    where = service.unit or "The organisation"
    return Conflict(f"{where} has a shared service of this name already. Change that one.", field="name")


def _ended(service: SharedService) -> Exception:
    return Conflict(f"{service} has ended and stays as it was. Register it anew.")


def _refuse_contradiction(service: SharedService) -> None:
    if service.bypassed_by and service.can_be_bypassed is False:
        raise Refused("Nobody can go past it, you say, and who can. Give one or the other.", field="bypassed_by")


@step("shared_service.written", needs=WRITE, makes=SharedService)
def write(*, unit: Unit | None, name: str, kind: str, by: Principal, now: datetime, **facts: Any) -> SharedService:
    """Return a new shared service of a unit (None: of the whole organisation); `facts` are FIELDS.

    Nobody has assessed it yet. Raises Refused for a bad value, Conflict for a name that is taken there.
    """
    cleaned = fields.clean({"name": name, "kind": kind} | facts, FIELDS)
    made = SharedService(unit=unit, created_at=now, **cleaned)
    _refuse_contradiction(made)
    naming.refuse_stranger(made)
    fields.save_once(made, otherwise=_taken(made))
    return made


@step(
    "shared_service.rewritten",
    needs=WRITE,
    frm=STANDING,
    otherwise=_ended,
    barred=(of_other_units,),
    taken=_taken,
    edits=versions.facts(*FIELDS),
)
def rewrite(service: SharedService, *, changes: Mapping[str, Any], by: Principal, now: datetime) -> Done[SharedService]:
    """Return the service with other FIELDS; findings of the servers behind it follow in a job. Raises as `write`."""
    changed = naming.changed(service, changes, FIELDS)
    _refuse_contradiction(service)
    if not changed:
        return Unchanged(service)
    return Done(service, fields=sorted(changed)).and_then(lambda: judging.later(service, now=now))


@step(
    "shared_service.assessed",
    needs=WRITE,
    frm=STANDING,
    otherwise=_ended,
    barred=(of_other_units,),
    reason="note",
)
def record_assessment(
    service: SharedService,
    *,
    assessed_on: date,
    result: str,
    note: str,
    by: Principal,
    now: datetime,
    assess_again_on: date | None = None,
) -> Done[SharedService]:
    """Return the service with its assessment, which counts until a day: a year later unless another is given.

    Raises Refused for a day to come, for one before the last assessment, and for an end that is not after it.
    """
    today = timezone.localdate(now)
    fields.day(assessed_on, "assessed_on")
    fields.day(assess_again_on, "assess_again_on")
    if assessed_on > today:
        raise Refused("Give the day on which it was assessed, today at the latest.", field="assessed_on")
    again_on = assess_again_on or assessed_on + COUNTS
    if service.assessed_on and assessed_on < service.assessed_on:
        last = deadlines.written(service.assessed_on)
        raise Refused(f"It was assessed on {last} already. Give that day or a later one.", field="assessed_on")
    if again_on <= assessed_on:
        raise Refused("Give a day after the assessment.", field="assess_again_on")
    service.assessed_on, service.assess_again_on, service.has_lapsed = assessed_on, again_on, again_on < today
    service.assessment_result = fields.one_of(SharedService.Result)(result, "result")
    service.assessment_note = note
    done = Done(service, came_to=service.assessment_result, assess_again_on=again_on.isoformat())
    return done.and_then(lambda: judging.later(service, now=now))


@step("shared_service.ended", needs=WRITE, to=SharedService.Status.ENDED, barred=(of_other_units,), reason="reason")
def end(service: SharedService, *, reason: str, by: Principal, now: datetime) -> Done[SharedService]:
    """Return the service, which nobody uses any more: what was found of it closes, and it stays on record."""
    return Done(service).and_then(lambda: judging.later(service, now=now))


@step("runs_behind.added", needs=WRITE, makes=DeploymentService)
def add(deployment: Deployment, service: SharedService, *, by: Principal, now: datetime) -> Done[DeploymentService]:
    """Return the record that a deployment runs behind a shared service; what is wrong with that is found at once.

    Raises Refused for what has ended or belongs to another unit, Conflict when it is recorded already.
    """
    # The server first, as everybody holds them: its findings follow.
    nouns.hold(deployment)
    if deployment.ended_on is not None:
        raise Refused(f"{deployment.ref} has ended. Choose one in use.", field="deployment")
    if service.status != SharedService.Status.STANDING:
        raise Refused(f"{service.ref} has ended. Choose one in use.", field="service")
    if service.unit_id not in (None, deployment.server.unit_id):
        raise Refused(f"{service.ref} belongs to another unit. Choose one of yours, or of all.", field="service")
    row = DeploymentService(deployment=deployment, service=service)
    fields.save_once(row, otherwise=Conflict(f"It runs behind {service.ref} already.", field="service"))
    return Done(row, service=str(service)).and_then(lambda: judging.judge(deployment.server, now=now))


@step("runs_behind.removed", needs=WRITE, on="deployment")
def remove(row: DeploymentService, *, by: Principal, now: datetime) -> Done[None]:
    """Remove the record that a deployment runs behind a service. Raises Conflict when it is gone."""
    if not row.delete()[0]:
        raise Conflict("Somebody else has removed this.")
    server = row.deployment.server
    return Done(None, service=str(row.service)).and_then(lambda: judging.judge(server, now=now))
