"""Removing the demo organisation: everything that is demo from birth, in one transaction; the trail and people stay."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from accounts import access, people
from accounts.models import Membership, Unit, User
from assessments.models import Assessment
from audit import bound_rows, trail
from composition.models import Inventory
from contracts.models import Contract
from demo import logins, rows
from evidence import store
from evidence.models import Blob, Evidence, KeptCopy
from findings.models import Finding
from monitoring.models import Run
from reports.models import ReportPart
from riskregister import nouns
from riskregister.refusals import Refused
from vendors.models import Server, Vendor
from work.in_hand import handover

COUNTED = {
    "servers": Server,
    "vendors": Vendor,
    "assessments": Assessment,
    "findings": Finding,
    "evidence": Evidence,
}


class NotLoaded(Refused):
    """There is no demo organisation in the register."""


class StillNeeded(Refused):
    """Something real rests on a part of the demo organisation."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much was removed, and how many people can no longer sign in."""

    servers: int
    vendors: int
    assessments: int
    findings: int
    evidence: int
    people: int


@dataclass(frozen=True, slots=True)
class Prospect:
    """Demo units that would stay, and the real servers and vendors that stand in the way of a removal."""

    units: list[Unit]
    servers: list[Server]
    vendors: list[Vendor]


@transaction.atomic
def remove(*, by: User, now: datetime) -> Counts:
    """Remove the demo organisation and return how much that was; its people are deactivated, but for `by`.

    Events stay: the trail says what was here. A unit with a server of yours stays too, as a real unit. Raises
    NotPermitted, NotLoaded, and StillNeeded with the names of the real records that would lose something.
    """
    access.require(by, access.Capability.ADMINISTER)
    units = nouns.hold_all(Unit.objects.filter(is_demo=True))
    if not units:
        raise NotLoaded("There is no demo organisation in the register.")
    _refuse_what_rests_on_it()
    cast = people_of_the_demo()
    counts, gone = _delete(cast, but=by)
    left = _send_home(cast, by=by, now=now)
    removed: dict[str, Any] = {**counts, "people": left}
    first = min(units, key=lambda unit: unit.name)
    trail.record("demo.removed", first, by=by, at=now, gone=gone, **removed)
    _sign_for_all(by=by, now=now)
    _close_units(by=by, now=now)
    # Foreign keys are looked at when the transaction ends; here the refusal still is a sentence.
    connection.check_constraints()
    transaction.on_commit(logins.forget)
    return Counts(**counts, people=left)


def people_of_the_demo() -> list[User]:
    """Return the people whom the builds of the demo organisation invited."""
    return list(User.objects.filter(is_demo=True).order_by("name"))


def prospect() -> Prospect:
    """Return what a removal would keep, and what stands in its way."""
    return Prospect(
        units=list(rows.kept_units()),
        servers=list(rows.real_servers_on_demo()),
        vendors=list(rows.real_vendors_on_demo()),
    )


def _refuse_what_rests_on_it() -> None:
    real = [
        str(one) for one in (*rows.real_servers_on_demo(), *rows.real_vendors_on_demo(), *rows.real_rules_on_demo())
    ]
    if real:
        named = ", ".join(real[:5]) + (f" and {len(real) - 5} more" if len(real) > 5 else "")
        raise StillNeeded(
            f"Nothing was removed. These are yours and rest on the demo organisation: {named}. "
            "Name vendors of your own there first."
        )


def _delete(cast: list[User], *, but: User) -> tuple[dict[str, int], list[str]]:
    """Delete the rows from the leaves to the root; return how many of the main kinds there were, and the keys of those
    whose events tell them.
    """
    found = rows.going(cast)
    gone = [key for model in bound_rows.models() if model in found for key in _keys(found[model])]
    counts = {name: found[model].count() for name, model in COUNTED.items()}
    blobs = set(found[Evidence].exclude(blob=None).values_list("blob_id", flat=True))
    blobs |= set(found[KeptCopy].values_list("blob_id", flat=True))
    blobs |= set(found[ReportPart].values_list("blob_id", flat=True))
    blobs |= set(found[Run].exclude(raw=None).values_list("raw_id", flat=True))
    blobs |= set(found[Inventory].values_list("document_id", flat=True))
    rows.drop(rows.alerts(found, readers=[person for person in cast if person != but]))
    rows.keep_what_was_fed()
    rows.drop([*rows.jobs(found), *found.values()])
    rows.drop(rows.nobody_speaks_of())
    _drop_blobs(blobs)
    return counts, gone


def _keys(going: "QuerySet[Any]") -> list[str]:
    kind = going.model._meta.label_lower
    return [f"{kind}:{pk}" for pk in going.order_by("pk").values_list("pk", flat=True)]


def _drop_blobs(digests: Iterable[str]) -> None:
    """Delete the files that nothing refers to any more, their bytes once the transaction is done."""
    used = Q(evidence__isnull=False) | Q(copies__isnull=False) | Q(pk__in=ReportPart.objects.values("blob"))
    used |= Q(runs__isnull=False) | Q(inventories__isnull=False)
    unused: QuerySet[Blob] = Blob.objects.filter(pk__in=list(digests)).exclude(used)
    dropped = list(unused.values_list("pk", flat=True))
    unused.delete()
    for sha256 in dropped:
        # A file that stays behind does no harm, and a bucket may not answer.
        transaction.on_commit(partial(store.drop, sha256), robust=True)


def _send_home(cast: list[User], *, by: User, now: datetime) -> int:
    """Deactivate the demo people but for `by`, who may be the last administrator, and return how many.

    What they have in hand of real servers goes to others in turn, or to nobody, of which managers are told.
    """
    leaving = [person for person in cast if person != by and person.is_active]
    for person in leaving:
        people.deactivate(person, by=by, now=now)
    # All of them are barred before, so that none gets what another had in hand.
    for person in leaving:
        handover.let_go(person, by=by, now=now)
    return len(leaving)


def _sign_for_all(*, by: User, now: datetime) -> None:
    """Let contracts of yours that were signed for a unit that goes be for the whole organisation."""
    for contract in nouns.hold_all(Contract.objects.filter(for_unit__in=rows.closing_units())):
        contract.for_unit = None
        contract.save(update_fields=["for_unit"])
        trail.record("contract.edited", contract, by=by, at=now, fields=["for_unit"])


def _close_units(*, by: User, now: datetime) -> None:
    for membership in Membership.objects.filter(unit__in=rows.closing_units()).select_related("user", "unit"):
        people.take_role(membership, by=by, now=now)
    rows.closing_units().delete()
    # One by one, so that the field-level audit sees it.
    for unit in Unit.objects.filter(is_demo=True):
        unit.is_demo = False
        unit.save(update_fields=["is_demo"])
