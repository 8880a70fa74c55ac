"""Steps that write a contract down: drafted, changed, and what it covers."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from contracts import days
from contracts.agreements import cleaning
from contracts.coverage import looking, parties
from contracts.models import Contract, IctService, Service
from evidence.models import Evidence
from riskregister import nouns, versions
from riskregister.refusals import Conflict, Refused
from riskregister.text import clean_name
from vendors import fields
from vendors.models import Server, Vendor

LONGEST_MONTHS, LONGEST_NOTICE = 120, 1095
# What stands under another contract and means nothing without it.
UNDER_ANOTHER = (Contract.Kind.AMENDMENT, Contract.Kind.ORDER)


class ContractInvalid(Refused):
    """The contract cannot be like this."""


class CycleFound(Refused):
    """The contract would come to stand under itself."""


FIELDS: dict[str, fields.Cleaner] = {
    "title": fields.name(200),
    "kind": fields.one_of(Contract.Kind),
    "parent": fields.as_is,
    "reference": fields.word(80),
    "for_unit": fields.as_is,
    "our_entity": fields.word(200),
    "their_entity": fields.word(200),
    "their_lei": cleaning.lei,
    "governing_law": cleaning.country,
    "signed_on": fields.day,
    "starts_on": fields.day,
    "ends_on": fields.day,
    "renewal": fields.one_of(Contract.Renewal),
    "renewal_months": fields.whole(1, LONGEST_MONTHS, of="months"),
    "notice_days": fields.whole(0, LONGEST_NOTICE, of="days of notice"),
    "review_on": fields.day,
    "yearly_value": cleaning.money,
    "currency": cleaning.currency,
    "our_signatory": fields.word(200),
    "their_signatory": fields.word(200),
    "owner": fields.person,
    "critical_function": fields.truth,
    "personal_data": fields.truth,
    "evidence": fields.as_is,
    "notes": fields.text,
}
NOT_ENDED = tuple(status for status in Contract.Status if status is not Contract.Status.ENDED)


@step("contract.drafted", needs=Capability.WRITE, makes=Contract)
def draft(vendor: Vendor, *, title: str, by: Principal, now: datetime, **facts: Any) -> Done[Contract]:
    """Return a new contract with the vendor, in drafting; `facts` are further FIELDS.

    Raises ContractInvalid for what does not fit together, CycleFound as `edit`, Refused for a bad value.
    """
    contract = Contract(vendor=vendor, created_at=now)
    _put(contract, fields.clean({"title": title} | facts, FIELDS))
    contract.save()
    done = Done(contract, vendor=str(vendor), kind=contract.kind)
    return done.and_then(lambda: looking.look(vendor, now=now))


@step("contract.edited", needs=Capability.WRITE, frm=NOT_ENDED, edits=versions.facts(*FIELDS))
def edit(contract: Contract, *, changes: Mapping[str, Any], by: Principal, now: datetime) -> Done[Contract]:
    """Return the contract with changed FIELDS; records nothing when none differs.

    Raises ContractInvalid for what does not fit together, and for another unit in place of one that they do not see,
    CycleFound for a parent that stands under it, Refused for a bad value.
    """
    changed = fields.differing(contract, fields.clean(changes, FIELDS))
    if not changed:
        return Unchanged(contract)
    if "for_unit" in changed and parties.is_for_unseen_unit(contract, by):
        # Who sees no unit there reads null, and would take the contract from its unit by sending that back.
        raise ContractInvalid("It is signed for a unit that you do not see. Leave that as it is.", field="for_unit")
    if changed.get("parent") is not None:
        _refuse_cycle(contract, changed["parent"])
    _put(contract, changed)
    done = Done(contract, fields=sorted(changed))
    return done.and_then(lambda: looking.look(contract.vendor, now=now))


@step("contract.service_added", needs=Capability.WRITE, frm=NOT_ENDED)
def cover(
    contract: Contract,
    *,
    by: Principal,
    now: datetime,
    server: Server | None = None,
    service: str = "",
    ict_service: str = "",
) -> Done[Service]:
    """Return what the contract covers besides: a server, or a service in words; `ict_service` is a code of IctService.

    Raises ContractInvalid for both or neither, for a server behind which the vendor does not stand, or another code,
    Conflict for what it covers already.
    """
    if (server is None) == (not service.strip()):
        raise ContractInvalid("Choose a server, or say in words which service it is.", field="server")
    if ict_service and ict_service not in IctService.values:
        raise ContractInvalid("Choose one of the types of ICT services, S01 to S19.", field="ict_service")
    if server is not None and not server.suppliers.filter(vendor=contract.vendor_id).exists():
        words = f"{contract.vendor} does not stand behind {server}. Add it among the server's suppliers first."
        raise ContractInvalid(words, field="server")
    name = clean_name(service, field="service") if server is None else ""
    twice = Conflict(f"{contract.ref} covers {server or name} already.", field="server" if server else "service")
    if server is None and contract.services.filter(name__iexact=name).exists():
        raise twice
    row = Service(contract=contract, server=server, name=name, ict_service=ict_service)
    fields.save_once(row, otherwise=twice)
    return Done(row, service=row.for_all).and_then(lambda: looking.look(contract.vendor, now=now))


@step("contract.service_removed", needs=Capability.WRITE, on="contract")
def uncover(service: Service, *, by: Principal, now: datetime) -> Done[None]:
    """Take something out of what a contract covers. Raises Conflict when it is gone."""
    named, contract = service.for_all, service.contract
    if not service.delete()[0]:
        raise Conflict("Somebody else has removed this.")
    done: Done[None] = Done(None, service=named)
    return done.and_then(lambda: looking.look(contract.vendor, now=now))


def refuse_unfit(contract: Contract) -> None:
    """Raise ContractInvalid, with what to do, for facts that do not fit together."""
    starts, ends = contract.starts_on, contract.ends_on
    if starts and ends and ends < starts:
        raise ContractInvalid(f"It ends before it starts, on {_day(starts)}. Give a later day.", field="ends_on")
    if contract.status in Contract.LIVE and not (contract.signed_on and starts):
        missing = "starts_on" if contract.signed_on else "signed_on"
        raise ContractInvalid("It is in force, so say when it was signed and when it started.", field=missing)
    if contract.kind in UNDER_ANOTHER and contract.parent is None:
        kind = contract.get_kind_display().lower()
        raise ContractInvalid(f"Choose the contract that this {kind} stands under.", field="parent")
    if contract.parent is not None and contract.parent.vendor_id != contract.vendor_id:
        raise ContractInvalid("Choose a contract with the same vendor.", field="parent")
    if contract.yearly_value is not None and not contract.currency:
        raise ContractInvalid("Say in which currency, e.g. EUR.", field="currency")
    _refuse_unfit_renewal(contract)
    refuse_evidence_of_a_unit(contract.evidence, field="evidence")


def _refuse_unfit_renewal(contract: Contract) -> None:
    if contract.renewal == Contract.Renewal.AUTOMATIC:
        if contract.ends_on is None:
            raise ContractInvalid("Give the end of the term after which it renews by itself.", field="ends_on")
        if not contract.renewal_months:
            raise ContractInvalid("Say for how many months it renews each time.", field="renewal_months")
        if contract.starts_on and contract.notice_days and _notice_precedes(contract, contract.starts_on):
            raise ContractInvalid(
                f"With {contract.notice_days} days, notice is due before it starts. Are these days, not hours?",
                field="notice_days",
            )


def _notice_precedes(contract: Contract, day: date) -> bool:
    by = days.notice_by(contract.ends_on, contract.notice_days)
    return by is not None and by < day


def refuse_evidence_of_a_unit(evidence: Evidence | None, *, field: str) -> None:
    """Raise ContractInvalid for evidence of one unit: everybody with a role sees contracts, and what they rest on."""
    if evidence is not None and evidence.unit_id is not None:
        raise ContractInvalid(
            f"{evidence.ref} belongs to one unit, and everybody sees contracts. Choose what is for all.",
            field=field,
        )


def _refuse_cycle(contract: Contract, parent: Contract) -> None:
    # Two people could each add one half of a cycle: whoever changes what stands under what waits at the first contract.
    first = Contract.objects.filter(vendor=contract.vendor_id).order_by("number").values("pk")[:1]
    nouns.hold_all(Contract.objects.filter(pk__in=first))
    above: dict[UUID, UUID | None] = dict(
        Contract.objects.filter(vendor=contract.vendor_id).values_list("pk", "parent_id")
    )
    at: UUID | None = parent.pk
    while at is not None:
        if at == contract.pk:
            raise CycleFound(f"{parent} stands under {contract} already. Choose another.", field="parent")
        at = above.get(at)


def _put(contract: Contract, changed: Mapping[str, Any]) -> None:
    fields.put_on(contract, changed)
    refuse_unfit(contract)
    contract.reckon_notice()


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
