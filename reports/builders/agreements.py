"""What was agreed with a vendor, and what its contracts give and lack clause by clause, as frozen plain values."""

from dataclasses import dataclass
from datetime import date

from contracts import law
from contracts.coverage import looking
from contracts.coverage.judging import Judgement, Verdict
from contracts.models import Contract
from reports.builders.entries import day, name
from riskregister import looks
from vendors.models import Vendor


@dataclass(frozen=True, slots=True)
class ContractEntry:
    """A contract: whether it gives anything on the day, and by when to give notice where it renews by itself."""

    ref: str
    title: str
    kind: str
    under: str
    status: str
    holds: bool
    starts_on: str
    term_ends_on: str
    at_its_end: str
    notice_by: str
    owner: str


@dataclass(frozen=True, slots=True)
class ClauseEntry:
    """A clause that is demanded or perhaps demanded: how it stands, what there is, what is wanted, and by what."""

    title: str
    stands: str
    have: str
    wanted: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreements:
    """The contracts with a vendor but those that ended, of which there are so many, and what they give.

    `tier` is the worst inherent tier of what it supplies (0: it supplies no server). `calls_for` says why a contract is
    demanded at all. Of the clauses those that nothing demands are counted alone. `law` is by which data of the law.
    """

    vendor: str
    tier: int
    in_force: tuple[str, ...]
    calls_for: tuple[str, ...]
    is_commercial: str
    contracts: tuple[ContractEntry, ...]
    ended: int
    clauses: tuple[ClauseEntry, ...]
    enough: int
    not_demanded: int
    law: str
    no_advice: str


def with_vendor(vendor: Vendor, *, today: date) -> Agreements:
    """Return what was agreed with a vendor and what it gives on a day, in statements whose number is bounded."""
    view = looking.view(vendor, today=today)
    rows = Contract.objects.filter(vendor=vendor).select_related("parent", "owner").order_by("number")
    shown = [one for one in rows if one.status != Contract.Status.ENDED]
    clauses = [one for one in view.judged if one.verdict is not Verdict.NOT_DEMANDED]
    code = law.load()
    return Agreements(
        vendor=f"{vendor.ref} {vendor.name}",
        tier=view.scope.tier or 0,
        in_force=view.situation.holds,
        calls_for=tuple(view.calls_for),
        is_commercial={True: "yes", False: "no", None: ""}[vendor.is_commercial],
        contracts=tuple(_contract(one, holding=view.situation.holds, today=today) for one in shown),
        ended=len(rows) - len(shown),
        clauses=tuple(_clause(one) for one in clauses),
        enough=sum(one.verdict is Verdict.ENOUGH for one in clauses),
        not_demanded=len(view.judged) - len(clauses),
        law=f"{code.title}, checked on {day(code.checked_on)}",
        no_advice=law.NO_ADVICE,
    )


def _contract(one: Contract, *, holding: tuple[str, ...], today: date) -> ContractEntry:
    return ContractEntry(
        ref=one.ref,
        title=one.title,
        kind=one.get_kind_display(),
        under=one.parent.ref if one.parent else "",
        status=looks.word("contract", one.status),
        holds=one.ref in holding,
        starts_on=day(one.starts_on),
        term_ends_on=day(one.term_end(today=today)),
        at_its_end=one.get_renewal_display(),
        notice_by=day(one.notice_day(today=today)),
        owner=name(one.owner),
    )


def _clause(one: Judgement) -> ClauseEntry:
    return ClauseEntry(
        title=one.clause.title,
        stands=looks.word("clause gap", one.verdict.value),
        have=one.have,
        wanted=one.wanted,
        why=one.why,
    )
