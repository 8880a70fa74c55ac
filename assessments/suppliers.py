"""Which of those behind a server were judged themselves, which never were, and of which it is too long ago.

Whoever stands behind a server is in one of its roles (publisher, host, upstream) or works for one who is, at any depth.
Only an assessment of the vendor counts: what a server's own one asks about its publisher is less than that.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from django.utils import timezone

from assessments import vendor_cadence
from assessments.models import Assessment, AssessmentQuerySet
from scoring import deadlines
from vendors.models import Server, ServerSupplier, SubProcessor, Vendor

# Chains of sub-processors are short; what lies deeper is said to be cut, not left out in silence.
DEPTH = 6


class Standing(StrEnum):
    """Whether a vendor was judged."""

    NEVER = "never"
    TOO_OLD = "too_old"
    JUDGED = "judged"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The final assessment of a vendor, if there is one, and the day by which there is to be another."""

    vendor: Vendor
    assessment: Assessment | None
    due_on: date | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class Supplier:
    """Somebody behind a server: as what, in words, and how they were judged."""

    roles: tuple[str, ...]
    judgement: Judgement

    @property
    def vendor(self) -> Vendor:
        """Return who it is."""
        return self.judgement.vendor


@dataclass(frozen=True, slots=True)
class Suppliers:
    """All those behind a server, by name; `is_cut` says that the chain of sub-processors goes on."""

    every: tuple[Supplier, ...]
    is_cut: bool

    def of(self, standing: Standing) -> list[Supplier]:
        """Return those who stand like this."""
        return [one for one in self.every if one.judgement.standing is standing]

    @property
    def all_judged(self) -> bool:
        """Return whether there is somebody, and each was judged not too long ago."""
        return bool(self.every) and not self.is_cut and len(self.of(Standing.JUDGED)) == len(self.every)

    @property
    def gaps(self) -> tuple[str, ...]:
        """Return as sentences what is not known of them; nothing only where all are judged."""
        if not self.every:
            return ("Nobody is recorded behind this server, so none of its suppliers was judged.",)
        sentences = [
            f"{len(found)} of {len(self.every)} suppliers {one if len(found) == 1 else several}: {_named(found)}."
            for standing, (one, several) in _GAPS.items()
            if (found := self.of(standing))
        ]
        return (*sentences, *(["There are further sub-processors behind these."] if self.is_cut else []))


_GAPS = {
    Standing.NEVER: ("was never assessed itself", "were never assessed themselves"),
    Standing.TOO_OLD: ("was assessed too long ago", "were assessed too long ago"),
}


def behind(server: Server, *, today: date) -> Suppliers:
    """Return who stands behind a server and how each was judged on a day; a few statements, however many they are."""
    roles: dict[UUID, list[str]] = defaultdict(list)
    for row in ServerSupplier.objects.filter(server=server).order_by("role", "pk"):
        roles[row.vendor_id].append(row.get_role_display())
    is_cut = _add_sub_processors(roles)
    vendors = Vendor.objects.filter(pk__in=roles).order_by("name")
    judged = judgements(vendors, today=today)
    return Suppliers(tuple(Supplier(tuple(roles[one.vendor.pk]), one) for one in judged), is_cut)


def judgements(vendors: Iterable[Vendor], *, today: date) -> list[Judgement]:
    """Return of vendors how each was judged on a day, in their order; one statement."""
    chosen = list(vendors)
    final = {row.vendor_id: row for row in in_force().filter(vendor__in=chosen)}
    return [_judgement(vendor, final.get(vendor.pk), today=today) for vendor in chosen]


def judgement(vendor: Vendor, *, today: date) -> Judgement:
    """Return how a vendor was judged on a day."""
    return judgements([vendor], today=today)[0]


def in_force() -> AssessmentQuerySet:
    """Return the final assessments of vendors; a vendor has one at most."""
    return Assessment.objects.of_vendors().filter(status=Assessment.Status.FINAL)


def _judgement(vendor: Vendor, final: Assessment | None, *, today: date) -> Judgement:
    if final is None or final.finalised_at is None:
        return Judgement(vendor, None, None, Standing.NEVER)
    due_on = vendor_cadence.next_due_on(vendor, judged_at=final.finalised_at)
    standing = Standing.TOO_OLD if deadlines.is_past(due_on, today=today) else Standing.JUDGED
    return Judgement(vendor, final, due_on, standing)


def _add_sub_processors(roles: dict[UUID, list[str]]) -> bool:
    """Add those who work for the vendors, and for those in turn; return whether the chain goes on below that."""
    seen: set[UUID] = set()
    layer = set(roles)
    for _ in range(DEPTH):
        if not layer:
            return False
        seen |= layer
        rows = SubProcessor.objects.filter(vendor__in=layer).select_related("vendor").order_by("vendor__name", "pk")
        layer = set()
        for row in rows:
            roles[row.used_id].append(f"Sub-processor of {row.vendor.name}")
            layer |= {row.used_id} - seen
    return SubProcessor.objects.filter(vendor__in=layer).exclude(used__in=seen | layer).exists()


def _named(found: Sequence[Supplier]) -> str:
    return ", ".join(f"{one.vendor.name} ({_when(one)})" if _when(one) else one.vendor.name for one in found)


def _when(one: Supplier) -> str:
    judged_at = one.judgement.assessment.finalised_at if one.judgement.assessment else None
    return f"on {deadlines.written(timezone.localdate(judged_at))}" if judged_at else ""
