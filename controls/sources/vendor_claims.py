"""What is known of a vendor and bears on the servers that it publishes: certificates, due diligence, and contracts.

It is a claim about each of them: others looked at something of the vendor, or the vendor promised it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from assurance.models import Certificate, DueDiligence, DueDiligenceItem
from contracts.coverage import agreed, clause_list, in_force
from contracts.coverage.agreed import Paper
from contracts.models import Contract, ContractTerms
from controls import witness_table
from controls.in_place.effective import PARTLY
from controls.models import Source
from controls.witness_table import SourceStatement
from vendors.models import ServerSupplier

_FAILED_OPINIONS = (Certificate.Opinion.ADVERSE, Certificate.Opinion.DISCLAIMER)
# Of so many vendors the clauses are read at once: databases take no statement with more than some ten thousand keys.
_VENDORS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Claim:
    """What is claimed of a vendor by one source: which controls, from what it is read, and until when."""

    source: str
    refs: tuple[str, ...]
    origins: list[str]
    until: date | None


def of_servers(servers: Collection[UUID], *, today: date) -> Iterator[SourceStatement]:
    """Yield what is claimed of the publishers of servers.

    Five statements, and one for each 500 vendors under contract.
    """
    # Of several publishers the one that was recorded first is the publisher: the last to be written here.
    publishers = dict(ServerSupplier.objects.publishers().order_by("-pk").values_list("server_id", "vendor_id"))
    published = {server: vendor for server, vendor in sorted(publishers.items()) if server in servers}
    found: dict[UUID, list[Claim]] = defaultdict(list)
    for vendor, claim in _claims(frozenset(published.values()), today=today):
        found[vendor].append(claim)
    for server, vendor in published.items():
        for one in found[vendor]:
            statuses = dict.fromkeys(one.refs, PARTLY)
            yield SourceStatement(server, None, one.source, witness_table.named(one.origins), statuses, one.until)


def _claims(vendors: Collection[UUID], *, today: date) -> Iterator[tuple[UUID, Claim]]:
    yield from _certificates(today=today)
    yield from _rounds(today=today)
    yield from _contracts(vendors, today=today)


def _certificates(*, today: date) -> Iterator[tuple[UUID, Claim]]:
    """Yield what certificates say.

    One counts that somebody judged to cover what is used of it (`scope_fits`), and with whose opinion the auditor did
    not refuse it.
    """
    bears = witness_table.load().certificate
    kinds = {kind for some in bears.values() for kind in some}
    fitting = Certificate.objects.counting(today=today).filter(kind__in=kinds, scope_fits=True)
    by_vendor: dict[UUID, list[Certificate]] = defaultdict(list)
    for row in fitting.exclude(opinion__in=_FAILED_OPINIONS).order_by("number"):
        by_vendor[row.vendor_id].append(row)
    for vendor, rows in by_vendor.items():
        has = {row.kind for row in rows}
        refs = tuple(ref for ref, some in bears.items() if has.intersection(some))
        until = min((row.counts_until for row in rows if row.counts_until), default=None)
        yield vendor, Claim(Source.CERTIFICATE, refs, [row.ref for row in rows], until)


def _rounds(*, today: date) -> Iterator[tuple[UUID, Claim]]:
    """Yield what the complete rounds of due diligence say whose next one is not overdue.

    What a person let be left out, or found to be anything but satisfactory, says nothing; what was not asked of a
    vendor on which little depends is not missed.
    """
    bears = witness_table.load().due_diligence
    keys = {key for some in bears.values() for key in some}
    rounds = DueDiligence.objects.filter(status=DueDiligence.Status.COMPLETE, next_due_on__gte=today)
    items: dict[UUID, dict[str, DueDiligenceItem]] = defaultdict(dict)
    for item in DueDiligenceItem.objects.filter(due_diligence__in=rounds, key__in=keys).defer(
        "look_at", "good", "note"
    ):
        items[item.due_diligence_id][item.key] = item
    for row in rounds.order_by("number"):
        passed = {ref: asked for ref, some in bears.items() if (asked := _all_passed(items[row.pk], some, today=today))}
        if passed:
            ends = [item.valid_until for asked in passed.values() for item in asked if item.valid_until]
            until = min([*ends, row.next_due_on]) if row.next_due_on else min(ends, default=None)
            yield row.vendor_id, Claim(Source.DUE_DILIGENCE, tuple(passed), [row.ref], until)


def _all_passed(items: Mapping[str, DueDiligenceItem], keys: Collection[str], *, today: date) -> list[DueDiligenceItem]:
    """Return the items of these that the round asked for, if all of them were found satisfactory and still are."""
    asked = [items[key] for key in keys if key in items]
    satisfactory = DueDiligenceItem.Outcome.SATISFACTORY
    return asked if all(item.state(today=today) == satisfactory for item in asked) else []


def _contracts(vendors: Collection[UUID], *, today: date) -> Iterator[tuple[UUID, Claim]]:
    """Yield what contracts in force say under clauses; of several the weakest counts, as for what is missing."""
    live: dict[UUID, list[ContractTerms]] = defaultdict(list)
    for row in Contract.objects.live().order_by("number").terms():
        if row.vendor_id in vendors:
            live[row.vendor_id].append(row)
    holding = {vendor: in_force.on(rows, today=today) for vendor, rows in live.items()}
    keys = sorted(holding)
    for at in range(0, len(keys), _VENDORS_AT_ONCE):
        some = keys[at : at + _VENDORS_AT_ONCE]
        papers = {paper.number: paper for paper in in_force.papers([row for key in some for row in holding[key]])}
        for vendor in some:
            if claim := _agreed(holding[vendor], [papers[row.number] for row in holding[vendor]]):
                yield vendor, claim


def _agreed(contracts: Sequence[ContractTerms], papers: Sequence[Paper]) -> Claim | None:
    bears, clauses = witness_table.load().contract, clause_list.load().clauses
    given = {key: one for key, one in agreed.given(papers, clauses).items() if agreed.is_whole(one, clauses[key])}
    refs = tuple(ref for ref, some in bears.items() if given.keys() >= set(some))
    if not refs:
        return None
    speaking = {given[key].contract for ref in refs for key in bears[ref]}
    rows = [row for row in contracts if row.ref in speaking]
    # What renews by itself has no last day until somebody gives notice.
    until = min((row.ends_on for row in rows if row.ends_on and not row.goes_on), default=None)
    return Claim(Source.CONTRACT, refs, [row.ref for row in rows], until)
