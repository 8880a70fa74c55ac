"""What was agreed with the vendors of the example, and what the law takes its units to be; all of it is made up."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from accounts.models import User
from contracts.agreements import agreeing, clauses, legal_profiles, lifecycle
from contracts.agreements.clauses import Reading
from contracts.coverage import clause_list, looking
from contracts.coverage.clause_list import ClauseType
from contracts.models import Contract
from demo.diary import Diary
from demo.organisation import Organisation
from vendors.models import Server, Vendor

EXAMPLE = "Example for the demonstration; nothing of this was agreed."
# What the contracts of the example say where a clause has a figure, in the unit of the list.
FIGURES: Mapping[str, int | str] = {
    "liability": 10_000_000, "subcontracting_notice": 30, "place_change_notice": 30, "data_return": 30,
    "data_deletion": 60, "data_subject_help": 10, "service_levels": "99.9", "service_credits": 10, "continuity": 12,
    "incident_notice": 24, "incident_help": 0, "vulnerability_handling": 14, "vulnerability_high": 30,
    "vulnerability_medium": 90, "vulnerability_low": 180, "audit_right": 1, "audit_notice": 30,
    "vendor_termination_notice": 180, "exit_transition": 6,
}  # fmt: skip
PAYMENTS = {
    "entity_name": "Example Payments GmbH", "country": "DE", "financial": "payment_institution", "nis2": "important",
    "nis2_digital": "none", "personal_data": "both", "eu": "yes", "us_listed": "none", "us_bank": "none",
    "digital_products": "none",
}  # fmt: skip
# Of some facts nobody in Research has said anything yet.
RESEARCH = {
    "entity_name": "Example Research GmbH", "country": "DE", "financial": "none", "nis2": "none",
    "personal_data": "controller", "eu": "yes", "high_risk_ai": "none",
}  # fmt: skip


def tell(diary: Diary, organisation: Organisation) -> None:
    """Note in the diary when profiles are written and contracts put on record."""
    tomas = organisation.person("tomas")
    diary.on(26, partial(_say_what_units_are, diary, organisation))
    diary.on(25, partial(_stripe, diary, tomas))
    diary.on(24, partial(_others, diary, tomas))
    diary.on(22, partial(_not_in_force, diary, tomas))


def _say_what_units_are(diary: Diary, organisation: Organisation) -> None:
    for code, by, facts in (("payments", "lena", PAYMENTS), ("research", "jonas", RESEARCH)):
        diary.do(organisation.person(by), legal_profiles.write, unit=organisation.unit(code), **facts)


def _stripe(diary: Diary, by: User) -> None:
    """It renews before long, and gives no right to audit; an amendment has shortened when incidents are told of."""
    audits = Reading("audit_right", "no", quote=f"Reports of an auditor stand in for it. {EXAMPLE}")
    late = Reading("incident_notice", "yes", value=Decimal(72), unit="hours", page=7)
    contract = _signed(
        diary, by, "Stripe", "Services agreement", signed=630, ends=100, renewal="automatic", renewal_months=12,
        notice_days=60, governing_law="IE", yearly_value=Decimal(48_000), currency="EUR", critical_function=True,
        personal_data=True, says=_says(audits, late, but=("continuity", "background_checks")),
    )  # fmt: skip
    for server in Server.objects.filter(suppliers__vendor=contract.vendor).distinct():
        diary.do(by, agreeing.cover, contract, server=server)
    _signed(
        diary, by, "Stripe", "Amendment on incidents", signed=60, kind="amendment", parent=contract,
        personal_data=True, says=_says(only=("incident_notice",)),
    )  # fmt: skip


def _others(diary: Diary, by: User) -> None:
    """A model provider, a cloud host, and one that is being looked at again."""
    microsoft = _signed(
        diary, by, "Microsoft", "Customer agreement", signed=900, ends=520, critical_function=True, says=_says()
    )
    diary.do(by, lifecycle.start_review, microsoft, reason=f"The places of the service have changed. {EXAMPLE}")
    models = _signed(
        diary, by, "Anthropic", "Commercial terms", signed=200, renewal="agreement", ends=165, notice_days=30,
        personal_data=True, says=_says(only=("written_contract", "data_protection", "model_training", "data_deletion")),
    )  # fmt: skip
    diary.do(by, agreeing.cover, models, service="Model of the refund assistant")
    cloud = _signed(
        diary, by, "Hetzner", "Hosting", signed=400, critical_function=True, personal_data=True,
        says=_says(only=("written_contract", "places", "data_protection", "service_levels")),
    )  # fmt: skip
    diary.do(by, agreeing.cover, cloud, service="Machines of the tool gateway")


def _not_in_force(diary: Diary, by: User) -> None:
    """One is drafted, one waits for signatures, one is over; then all vendors are looked at."""
    _drafted(diary, by, "Notion", "Order for 20 seats", kind="licence")
    waiting = _drafted(diary, by, "MongoDB", "Cloud terms", ends_on=_day(diary, 340))
    diary.do(by, lifecycle.send_for_signing, waiting)
    over = _signed(diary, by, "Firecrawl", "Subscription", signed=250, ends=120)
    reason = f"We collect pages otherwise. {EXAMPLE}"
    diary.do(by, lifecycle.end, over, ended_on=diary.today, reason=reason)
    looking.sweep(now=diary.now)


def _signed(
    diary: Diary,
    by: User,
    vendor: str,
    title: str,
    *,
    signed: int,
    ends: int | None = None,
    says: Sequence[Reading] = (),
    **facts: Any,
) -> Contract:
    """Return a contract that was read, and signed so many days before the present; it ends so many after it."""
    last = None if ends is None else _day(diary, ends)
    contract = _drafted(diary, by, vendor, title, ends_on=last, **facts)
    if says:
        diary.do(by, clauses.record, contract, readings=says)
    diary.do(by, lifecycle.send_for_signing, contract)
    day = _day(diary, -signed)
    signed_now: Contract = diary.do(by, lifecycle.sign, contract, signed_on=day, starts_on=day)
    return signed_now


def _drafted(diary: Diary, by: User, name: str, title: str, **facts: Any) -> Contract:
    vendor = Vendor.objects.get(name=name)
    terms = {"owner": by, "their_entity": vendor.legal_entity, "our_entity": PAYMENTS["entity_name"], **facts}
    made: Contract = diary.do(by, agreeing.draft, vendor, title=title, notes=EXAMPLE, **terms)
    return made


def _says(*readings: Reading, but: Collection[str] = (), only: Collection[str] = ()) -> list[Reading]:
    """Return of each clause that it is there, with its figure, unless one of `readings` says something else."""
    other = {one.key: one for one in readings}
    known = clause_list.load().clauses
    keys = [key for key in only or known if key not in but]
    return [other.get(key) or _there(known[key], page) for page, key in enumerate(keys, start=2)]


def _there(clause: ClauseType, page: int) -> Reading:
    if clause.unit == "countries":
        return Reading(clause.key, "yes", countries="DE IE", page=page)
    if clause.key not in FIGURES:
        return Reading(clause.key, "yes", page=page)
    currency = "EUR" if clause.unit == "money" else ""
    value = Decimal(str(FIGURES[clause.key]))
    return Reading(clause.key, "yes", value=value, unit=clause.unit, currency=currency, page=page)


def _day(diary: Diary, days: int) -> date:
    """Return the day so many after the present."""
    return diary.until.date() + timedelta(days=days)
