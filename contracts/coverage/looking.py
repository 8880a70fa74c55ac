"""Looks at what the contracts of a vendor give, and hands in what is missing; sweeps see when another look is due."""

import hashlib
from collections.abc import Collection, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, cast
from uuid import UUID

from django.db.models import CharField, Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from contracts import law
from contracts.coverage import agreed, clause_list, demands, in_force, judging, parties
from contracts.coverage.demands import Scope, UnitFacts
from contracts.coverage.judging import PREFIX, Judgement, Situation
from contracts.law import NONE, UNKNOWN, Force
from contracts.models import ClauseLook, Contract, ContractTerms, LegalProfile
from contracts.models.legal_profile import FACTS
from findings.observed import gaps
from landscape.models import UseCase, UseCaseProcess
from riskregister import sweeps
from riskregister.unit_of_work import unit_of_work
from vendors import belonging
from vendors.models import Deployment, Server, ServerSupplier, Vendor

# A look is taken anew after so long, whatever was seen to change.
AT_LEAST_EVERY = timedelta(days=7)
FILLED = "The contracts have it now, or nothing demands it any more."
_NOT_KNOWN = dict.fromkeys(FACTS, UNKNOWN)
# What the facts that rules ask for are called.
WORDS = {name: str(cast("CharField[str, str]", LegalProfile._meta.get_field(name)).verbose_name) for name in FACTS} | {
    "critical_function": "it supports a critical or important function",
    "vendor_personal_data": "the vendor processes personal data for us",
    "service": "kind of service",
}


class Running(NamedTuple):
    """A unit, by key and name, with how many of its use cases run on a model of a vendor."""

    unit: UUID
    name: str
    use_cases: int


@dataclass(frozen=True, slots=True)
class View:
    """What is known of a vendor's contracts on a day: by what they are judged, what they give, and what is missing."""

    scope: Scope
    situation: Situation
    judged: list[Judgement]
    gaps: list[gaps.Gap]
    servers: int
    use_cases: int
    calls_for: list[str]


def view(vendor: Vendor, *, today: date, units: Collection[UUID] = ()) -> View:
    """Return what the contracts of a vendor give us on a day, in seven statements whatever their number.

    Of units other than `units`, which whoever is told sees, neither the name nor what they are to the law is said.
    """
    contracts = Contract.objects.filter(vendor=vendor).order_by("number").terms()
    holding = in_force.on(contracts, today=today)
    held = {one.pk for one in holding}
    supplied = _supplied(vendor)
    running = _running_on(vendor)
    scope = _scope(vendor, contracts, supplied, running, frozenset(units))
    clauses, code = clause_list.load(), law.load()
    demanded = demands.of_all(clauses, code, scope, words=WORDS, today=today)
    judged = judging.judge(clauses, demanded, agreed.given(in_force.papers(holding), clauses.clauses))
    situation = Situation(
        vendor=vendor.name,
        holds=tuple(one.ref for one in holding),
        others=tuple(one.ref for one in contracts if one.pk not in held),
        is_used=bool(running) or any(row["is_used"] for row in supplied),
        is_commercial=vendor.is_commercial,
        parties=tuple(parties.differing(vendor, holding)),
    )
    missing = judging.gaps(clauses, scope, situation, judged)
    calls_for = judging.calls_for_contract(clauses, scope, judged)
    return View(scope, situation, judged, missing, len(supplied), sum(one.use_cases for one in running), calls_for)


@unit_of_work()
def look(vendor: Vendor, *, now: datetime) -> View:
    """Hand in what is missing of a vendor's contracts as findings, close those that are filled, and return the view.

    Findings of a vendor are for everybody who sees it: they name no unit.
    """
    today = timezone.localdate(now)
    seen = view(vendor, today=today)
    missing = seen.gaps if vendor.status != Vendor.Status.OFFBOARDED else []
    gaps.hand_in(vendor, missing, prefix=PREFIX, filled=FILLED, now=now)
    kept = {"looked_on": today, "basis": basis(today), "worst_tier": seen.scope.tier, "is_due": False}
    used = {"servers": seen.servers, "use_cases": seen.use_cases}
    ClauseLook.objects.update_or_create(vendor=vendor, defaults=kept | used)
    return seen


def sweep(*, now: datetime) -> int:
    """Look at every vendor of which a look is due, each in its own transaction; return how many."""
    count = 0
    for key in sweeps.keys(due(today=timezone.localdate(now))):
        look(Vendor.objects.get(pk=key), now=now)
        count += 1
    return count


def due(*, today: date) -> "QuerySet[Vendor]":
    """Return the vendors with a contract, a server or a model in use whose last look is missing or out of date.

    Those of which something was in use at the last look, and nothing is any more, are among them.
    """
    used = ServerSupplier.objects.filter(vendor=OuterRef("pk")).exclude(server__status__in=Server.OUT_OF_USE)
    per_vendor = used.order_by().values("vendor")
    models_of = UseCase.objects.standing().filter(model_vendor=OuterRef("pk"))
    contracts = Contract.objects.filter(vendor=OuterRef("pk"))
    was_used = Q(clause_look__servers__gt=0) | Q(clause_look__use_cases__gt=0)
    rows = Vendor.objects.filter(Exists(used) | Exists(contracts) | Exists(models_of) | was_used)
    rows = rows.annotate(
        use_cases_now=Coalesce(
            Subquery(models_of.order_by().values("model_vendor").annotate(n=Count("pk")).values("n")), 0
        ),
        tier_now=Subquery(per_vendor.annotate(worst=Min("server__inherent_tier")).values("worst")),
        servers_now=Coalesce(Subquery(per_vendor.annotate(n=Count("server", distinct=True)).values("n")), 0),
    )
    ended = Contract.objects.running_out().filter(
        vendor=OuterRef("pk"), ends_on__lt=today, ends_on__gte=OuterRef("clause_look__looked_on")
    )
    begun = Contract.objects.live().filter(
        vendor=OuterRef("pk"), starts_on__lte=today, starts_on__gt=OuterRef("clause_look__looked_on")
    )
    changed = (
        Q(clause_look=None)
        | Q(clause_look__is_due=True)
        | ~Q(clause_look__basis=basis(today))
        | ~Q(clause_look__servers=F("servers_now"))
        | ~Q(clause_look__use_cases=F("use_cases_now"))
        | Q(clause_look__worst_tier__isnull=True, tier_now__isnull=False)
        | Q(tier_now__isnull=False) & ~Q(clause_look__worst_tier=F("tier_now"))
        | Q(clause_look__looked_on__lte=today - AT_LEAST_EVERY)
        | Exists(ended)
        | Exists(begun)
    )
    return rows.filter(changed)


def mark_due_for(unit: UUID) -> None:
    """Note that looks at the vendors of a unit go by something that has changed. Part of a step."""
    # Of ended ones too: what has just ended asks for nothing more.
    models_of = UseCase.objects.filter(unit=unit, model_vendor__isnull=False).values("model_vendor")
    mine = Q(vendor__in=belonging.vendors_of([unit])) | Q(vendor__in=models_of)
    ClauseLook.objects.filter(mine).update(is_due=True)


def basis(today: date) -> str:
    """Return by what a look of today goes: another text from each day on which a rule comes into force or ends."""
    code = law.load()
    rules = sorted(key for key, rule in code.rules.items() if rule.force(today) is Force.IN_FORCE)
    digest = hashlib.sha256(" ".join(rules).encode()).hexdigest()
    return f"clauses {clause_list.LATEST}, law {code.version}, rules {digest[:12]}"


def _supplied(vendor: Vendor) -> list[dict[str, Any]]:
    """Return the servers that the vendor stands behind and that are not out of use, each once."""
    rows = ServerSupplier.objects.filter(vendor=vendor).exclude(server__status__in=Server.OUT_OF_USE)
    names = ("server_id", "server__unit_id", "server__unit__name", "server__inherent_tier")
    found: dict[UUID, dict[str, Any]] = {}
    for row in rows.order_by().values(*names, "server__status", "server__is_in_use"):
        is_used = row["server__is_in_use"] or row["server__status"] in Server.ONCE_APPROVED
        found[row["server_id"]] = row | {"is_used": is_used}
    return list(found.values())


def _running_on(vendor: Vendor) -> list[Running]:
    """Return the units whose use cases run on a model of the vendor."""
    rows = UseCase.objects.standing().filter(model_vendor=vendor).order_by().values_list("unit", "unit__name")
    return [Running(*one) for one in rows.annotate(n=Count("pk"))]


def _scope(
    vendor: Vendor,
    contracts: Sequence[ContractTerms],
    supplied: Sequence[dict[str, Any]],
    running: Sequence[Running],
    seen: Set[UUID],
) -> Scope:
    named = {row["server__unit_id"]: row["server__unit__name"] for row in supplied}
    named |= {one.unit: one.name for one in running}
    profiles = LegalProfile.objects.filter(unit__in=named)
    known = {profile.unit_id: profile.facts for profile in profiles}
    in_order = sorted(named.items(), key=lambda one: one[1])
    units = [UnitFacts(name if key in seen else "", known.get(key, _NOT_KNOWN)) for key, name in in_order]
    live = [one for one in contracts if one.status in Contract.LIVE]
    deployments = _deployments(vendor)
    processed = deployments.order_by().values_list("personal_data", flat=True).distinct()
    facts = {
        "critical_function": _any((*(one.critical_function for one in live), *_needed(vendor, deployments))),
        "vendor_personal_data": _any((*(one.personal_data for one in live), *processed)),
    }
    return Scope(min((row["server__inherent_tier"] for row in supplied), default=None), units, facts)


def _deployments(vendor: Vendor) -> "QuerySet[Deployment]":
    """Return the current deployments of the servers that the vendor stands behind."""
    mine = ServerSupplier.objects.filter(vendor=vendor).exclude(server__status__in=Server.OUT_OF_USE)
    return Deployment.objects.filter(server__in=mine.values("server"), ended_on__isnull=True)


def _needed(vendor: Vendor, deployments: "QuerySet[Deployment]") -> "QuerySet[Any]":
    """Return whether the processes are critical that need the vendor's servers or its models: each word once."""
    through = Q(use_case__served_by__deployment__in=deployments) | Q(use_case__model_vendor=vendor)
    rows = UseCaseProcess.objects.standing().filter(through)
    return rows.order_by().values_list("process__is_critical", flat=True).distinct()


def _any(answers: Iterator[bool | None] | Sequence[bool | None]) -> str:
    """Return yes where one says so, none where all say no, and else that it is not known."""
    words = list(answers)
    if True in words:
        return "yes"
    return NONE if words and None not in words else UNKNOWN
