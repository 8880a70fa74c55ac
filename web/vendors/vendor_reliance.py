"""What shows that a vendor can be relied on, in a few words: the card that leads to its contracts and assurance."""

from dataclasses import dataclass
from datetime import date

from assurance import diligence_of
from assurance.models import Certificate, DueDiligence
from contracts.coverage import in_force
from contracts.models import Contract
from vendors.models import Vendor


@dataclass(frozen=True, slots=True)
class Reliance:
    """How due diligence stands, how many contracts are in force, and how many certificates count.

    `notice_by` is the first day by which somebody must have decided, `ends_on` the first on which a certificate ends.
    """

    diligence: str
    contracts: int
    in_force: int
    notice_by: date | None
    certificates: int
    counting: int
    ends_on: date | None


def of(vendor: Vendor, *, today: date) -> Reliance:
    """Return what a vendor can be relied on by, on a day. Three statements."""
    rounds = DueDiligence.objects.filter(vendor=vendor, status__in=DueDiligence.CURRENT).only("status", "next_due_on")
    contracts = Contract.objects.filter(vendor=vendor).terms()
    undecided = [one for one in contracts if one.is_undecided(today=today)]
    certificates = list(Certificate.objects.filter(vendor=vendor).only("status", "counts_until"))
    counting = [one for one in certificates if one.counts(today=today)]
    return Reliance(
        diligence=diligence_of.state_among(rounds, today=today),
        contracts=len(contracts),
        in_force=len(in_force.on(contracts, today=today)),
        notice_by=min((day for one in undecided if (day := one.notice_day(today=today))), default=None),
        certificates=len(certificates),
        counting=len(counting),
        ends_on=min((one.counts_until for one in counting if one.counts_until), default=None),
    )
