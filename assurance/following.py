"""What is missing of a vendor becomes its findings, within each step that changes it and by the clock."""

from datetime import date, datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from assurance import gaps, weight
from assurance.gaps import PREFIX, Seen
from assurance.models import AssuranceLook, Certificate, DueDiligence
from findings.observed.gaps import hand_in
from riskregister import nouns, sweeps
from riskregister.unit_of_work import at_end, unit_of_work
from vendors.models import Vendor

FILLED = "It is not missing any more."


def follow(vendor: Vendor, *, now: datetime) -> None:
    """Work out once, at the end of the step, what the vendor lacks. Part of a step, or of a sweep."""
    at_end(("assurance", vendor.pk), now, lambda moments: _look(vendor.pk, now=moments[-1]))


def hold(vendor: Vendor) -> None:
    """Let whoever changes the certificates of a vendor wait for each other. Part of a step."""
    _held(vendor.pk)


def sweep(*, now: datetime) -> int:
    """Look again at the vendors of which the clock, or a change elsewhere, has made it out of date; return how many."""
    count = 0
    for key in sweeps.keys(out_of_date(today=timezone.localdate(now))):
        with unit_of_work():
            _look(key, now=now)
            count += 1
    return count


def out_of_date(*, today: date) -> "QuerySet[AssuranceLook]":
    """Return what was seen of vendors before a day of theirs passed, or before they or their servers changed."""
    rows = AssuranceLook.objects.annotate(tier_now=weight.worst_tiers("vendor_id"))
    tier_differs = ~Q(tier_now=F("worst_tier")) & Q(tier_now__isnull=False, worst_tier__isnull=False)
    came_or_went = Q(tier_now__isnull=True, worst_tier__isnull=False) | Q(
        tier_now__isnull=False, worst_tier__isnull=True
    )
    return rows.filter(
        Q(changes_on__lte=today)
        | ~Q(legal_entity=F("vendor__legal_entity"))
        | ~Q(criticality=F("vendor__criticality"))
        | ~Q(vendor_status=F("vendor__status"))
        | tier_differs
        | came_or_went
    )


def seen(vendor: Vendor, *, today: date) -> Seen:
    """Return what the register knows of a vendor that gaps follow from."""
    certificates = Certificate.objects.filter(vendor=vendor).exclude(status=Certificate.Status.SUPERSEDED)
    certificates = certificates.select_related("bridges").order_by("number")
    complete = DueDiligence.objects.filter(vendor=vendor, status=DueDiligence.Status.COMPLETE).first()
    items = list(complete.items.all()) if complete else []
    return Seen(vendor, weight.worst_tier(vendor), list(certificates), complete, items, today)


def _held(key: UUID) -> AssuranceLook:
    AssuranceLook.objects.get_or_create(vendor_id=key)
    return nouns.hold_all(AssuranceLook.objects.filter(vendor_id=key))[0]


def _look(key: UUID, *, now: datetime) -> None:
    # The row is held first, so that of two steps at once the later one sees what the earlier one did.
    look = _held(key)
    vendor = Vendor.objects.get(pk=key)
    known = seen(vendor, today=timezone.localdate(now))
    look.legal_entity, look.criticality = vendor.legal_entity, vendor.criticality
    look.worst_tier, look.vendor_status = known.worst_tier, vendor.status
    look.changes_on = gaps.next_change(known)
    look.save()
    hand_in(vendor, gaps.missing(known), prefix=PREFIX, filled=FILLED, now=now)
